/**
 * What a small model forgets unless it stands beside the question: what it cannot know or do, the form that was asked
 * for, the language. The same is in the system text, but what is nearest weighs most. A reminder depends on the
 * message alone, so an earlier message reads the same in every later run and its reading stays paid.
 */

interface Reminder {
  about: RegExp;
  en: string;
  ru: string;
}

const REMINDERS: readonly Reminder[] = [
  {
    about:
      /\bweather\b|\bforecast\b|\bnews\b|\bheadlines\b|погод|прогноз|новост|\b(?:price|cost|rate|worth)s?\b.*\b(?:now|today|currently|minute)\b|(?:цен[аы]|стоит|курс).*(?:сейчас|сегодня)|(?:сейчас|сегодня).*(?:цен[аы]|стоит|курс)|курс (?:доллара|евро|юаня|биткоина)/iu,
    en: "You have no live weather, news, prices or rates and no tool for them: say that you cannot know it.",
    ru: "У тебя нет данных о погоде, новостях, ценах и курсах: скажи, что не можешь этого знать.",
  },
  {
    about:
      /\bwho (?:won|is winning)\b.*\b(?:cup|championship|election|league|20\d\d)\b|\bwho is the (?:current )?(?:president|prime minister|king|ceo)\b|кто (?:выиграл|победил).*(?:чемпионат|кубок|выбор|20\d\d)|кто (?:сейчас )?президент/iu,
    en: "You cannot look up results and offices: say that you are not sure, and name nobody.",
    ru: "Ты не можешь проверить результаты и должности: скажи, что не знаешь точно, и никого не называй.",
  },
  {
    about:
      /\b(?:look at|see|watch|listen to|read)\b.*\b(?:photo|picture|image|video|voice|screenshot)s?\b|(?:посмотр|увид|вид(?:ишь|еть)|послуша|распозна).*(?:фото|картин|изображ|видео|голос|скрин)/iu,
    en: "You can read text only, no pictures and no sound: say so.",
    ru: "Ты читаешь только текст, без картинок и звука: скажи об этом.",
  },
  {
    about:
      /^(?:(?:please|can you|could you|hey|hi)[, ]+)*(?:send|call|phone|book|buy|order|remind|post|set an? (?:alarm|timer|reminder))\b|^(?:пожалуйста,? )?(?:отправь|позвони|забронируй|купи|закажи|вызови|напомни|(?:поставь|установи|заведи) (?:будильник|таймер))/iu,
    en: "You cannot do this, you can only write: say so.",
    ru: "Ты не можешь этого сделать, ты только пишешь: скажи об этом.",
  },
  {
    about: /\btable\b|таблиц/iu,
    en: "Write the table with | between the cells and a line |---|---| under its head.",
    ru: "Пиши таблицу знаками | между ячейками и строкой |---|---| под заголовком.",
  },
  {
    about: /\b(?:as|in|with) an? (?:numbered |bulleted |bullet )?list\b|\bbullet points\b|списком/iu,
    en: "Write each item of the list on a line of its own.",
    ru: "Пиши каждый пункт списка с новой строки, с номером.",
  },
];

/** A translation is not written in the language of the request. */
const OF_LANGUAGES = /перев[её]|(?:англ|немец|франц|испан|итал|китай|япон)\S*/iu;

/** The message with what is to be remembered behind it, or as it is. */
export function withReminders(message: string): string {
  const language = isRussian(message) ? "ru" : "en";
  const notes = REMINDERS.filter(({ about }) => about.test(message)).map((reminder) => reminder[language]);
  const told = [...notes, ...languageNote(message)];
  return told.length === 0 ? message : `${message}\n\n(${told.join(" ")})`;
}

/** What a tool found is in English: an answer to a Russian question would be, too. */
export function resultReminder(question: string): string {
  const [note] = languageNote(question);
  return note === undefined ? "" : `\n(${note})`;
}

/** By most of its letters: an English question may quote a Russian word, and the other way round. */
function isRussian(message: string): boolean {
  const cyrillic = message.match(/[а-яё]/giu)?.length ?? 0;
  return cyrillic > (message.match(/[a-z]/giu)?.length ?? 0);
}

const languageNote = (message: string) =>
  isRussian(message) && !OF_LANGUAGES.test(message) ? ["Ответь по-русски."] : [];
