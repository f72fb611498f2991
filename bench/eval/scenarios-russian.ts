/** Russian, reported apart: small models are weak in it and the design is not tuned to it. */
import { number } from "./check-answer.ts";
import type { Scenario } from "./scenario.ts";

const LIST: readonly Omit<Scenario, "id" | "language" | "split">[] = [
  { kind: "chat", say: ["привет"], right: [/привет|здравствуй|помочь|добрый/i], plain: true },
  { kind: "chat", say: ["спасибо!"], right: [/пожалуйста|рад|не за что|обращай/i], plain: true },
  { kind: "sums", say: ["Сколько будет 48 умножить на 17?"], right: [number(816)] },
  { kind: "sums", say: ["Я купил 3 хлеба по 45 рублей и молоко за 92. Сколько я потратил?"], right: [number(227)] },
  { kind: "percent", say: ["Сколько будет 15% от 2400?"], right: [number(360)] },
  { kind: "percent", say: ["Куртка стоит 5000 рублей, скидка 30%. Сколько платить?"], right: [number(3500)] },
  { kind: "clock", say: ["Сколько времени в Токио?"], right: [/23:05|11:05/] },
  { kind: "clock", say: ["Который час в Москве?"], right: [/17:05|5:05/] },
  { kind: "dates", say: ["Какой сегодня день недели?"], right: [/понедельник/i] },
  { kind: "dates", say: ["Сколько дней до Нового года?"], right: [/3[89]/] },
  { kind: "units", say: ["Сколько километров в 10 милях?"], right: [number(16.09, 0.1)] },
  { kind: "units", say: ["Переведи 100 градусов по Фаренгейту в Цельсия"], right: [number(37.78, 0.3)] },
  { kind: "facts", say: ["Какая столица Франции?"], right: [/париж/i], plain: true },
  { kind: "facts", say: ["Кто написал «Войну и мир»?"], right: [/толст/i], plain: true },
  { kind: "memory", say: ["Меня зовут Тимур.", "Как меня зовут?"], right: [/тимур/i] },
  { kind: "cannot", say: ["Закажи мне пиццу"], right: [/не могу|не умею|невозможно|не способ|не имею/i], plain: true },
];

export const RUSSIAN: readonly Scenario[] = LIST.map((scenario, index) => ({
  ...scenario,
  id: `ru-${scenario.kind}-${index + 1}`,
  language: "ru",
  split: index % 2 === 0 ? "dev" : "held-out",
}));
