/** The texts of money, which are not in the first chunk: imported by each part that shows one of them (see split-texts.ts). */
import en from "@starai/protocol/locales/en.json?late";
import ru from "@starai/protocol/locales/ru.json?late";
import { addTexts } from "@starai/protocol/texts";

addTexts({ en, ru });
