/** Which time zone people mean: cities, countries, abbreviations and offsets, in English and Russian. */

/** Aliases without a city in the IANA database. A country of several zones gets its capital's; the answer says so. */
const ALIASES: Readonly<Record<string, string>> = {
  "utc|gmt|greenwich|universal time|zulu|гринвич": "UTC",
  "est|edt|et|eastern|eastern time|us east coast|east coast|washington|washington dc|boston|miami|atlanta|philadelphia|new york city|nyc|нью йорк|вашингтон|майами|бостон":
    "America/New_York",
  "cst|cdt|ct|central time|houston|dallas|austin|san antonio|чикаго|хьюстон|даллас": "America/Chicago",
  "mst|mdt|mt|mountain time|salt lake city|денвер": "America/Denver",
  "pst|pdt|pt|pacific time|us west coast|west coast|california|san francisco|sf|la|l.a.|seattle|san diego|las vegas|silicon valley|лос анджелес|сан франциско|калифорния|сиэтл|лас вегас":
    "America/Los_Angeles",
  "hawaii|гавайи": "Pacific/Honolulu",
  "usa|us|united states|america|сша|америка": "America/New_York",
  "canada|канада|торонто": "America/Toronto",
  "montreal|ottawa|монреаль|оттава": "America/Toronto",
  "brazil|rio|rio de janeiro|brasilia|бразилия|рио|рио де жанейро|сан паулу": "America/Sao_Paulo",
  "mexico|мексика|мехико": "America/Mexico_City",
  "argentina|аргентина|буэнос айрес": "America/Argentina/Buenos_Aires",
  "uk|united kingdom|england|britain|great britain|scotland|bst|лондон|англия|великобритания": "Europe/London",
  "ireland|ирландия|дублин": "Europe/Dublin",
  "portugal|португалия|лиссабон": "Europe/Lisbon",
  "france|франция|париж": "Europe/Paris",
  "germany|cet|cest|munich|hamburg|frankfurt|cologne|германия|берлин|мюнхен|гамбург|франкфурт": "Europe/Berlin",
  "spain|barcelona|испания|мадрид|барселона": "Europe/Madrid",
  "italy|milan|италия|рим|милан": "Europe/Rome",
  "netherlands|holland|нидерланды|голландия|амстердам": "Europe/Amsterdam",
  "switzerland|geneva|bern|швейцария|цюрих|женева": "Europe/Zurich",
  "austria|австрия|вена": "Europe/Vienna",
  "poland|krakow|польша|варшава": "Europe/Warsaw",
  "czech republic|czechia|чехия|прага": "Europe/Prague",
  "sweden|швеция|стокгольм": "Europe/Stockholm",
  "norway|норвегия|осло": "Europe/Oslo",
  "denmark|дания|копенгаген": "Europe/Copenhagen",
  "finland|финляндия|хельсинки": "Europe/Helsinki",
  "estonia|эстония|таллин|таллинн": "Europe/Tallinn",
  "latvia|латвия|рига": "Europe/Riga",
  "lithuania|литва|вильнюс": "Europe/Vilnius",
  "greece|греция|афины": "Europe/Athens",
  "turkey|türkiye|turkiye|ankara|турция|стамбул|анкара": "Europe/Istanbul",
  "ukraine|kiev|украина|киев|київ": "Europe/Kyiv",
  "belarus|беларусь|минск": "Europe/Minsk",
  "russia|msk|saint petersburg|st petersburg|petersburg|sochi|россия|мск|москва|санкт петербург|питер|петербург|сочи|казань":
    "Europe/Moscow",
  калининград: "Europe/Kaliningrad",
  самара: "Europe/Samara",
  "екатеринбург|ekaterinburg": "Asia/Yekaterinburg",
  омск: "Asia/Omsk",
  новосибирск: "Asia/Novosibirsk",
  красноярск: "Asia/Krasnoyarsk",
  иркутск: "Asia/Irkutsk",
  якутск: "Asia/Yakutsk",
  владивосток: "Asia/Vladivostok",
  камчатка: "Asia/Kamchatka",
  "georgia|грузия|тбилиси": "Asia/Tbilisi",
  "armenia|армения|ереван": "Asia/Yerevan",
  "azerbaijan|азербайджан|баку": "Asia/Baku",
  "kazakhstan|astana|nur sultan|казахстан|алматы|астана": "Asia/Almaty",
  "uzbekistan|узбекистан|ташкент": "Asia/Tashkent",
  "israel|tel aviv|израиль|тель авив|иерусалим": "Asia/Jerusalem",
  "uae|united arab emirates|abu dhabi|оаэ|дубай|абу даби": "Asia/Dubai",
  "saudi arabia|mecca|саудовская аравия|эр рияд": "Asia/Riyadh",
  "iran|иран|тегеран": "Asia/Tehran",
  "pakistan|пакистан|карачи": "Asia/Karachi",
  "india|ist|mumbai|bombay|delhi|new delhi|bangalore|bengaluru|calcutta|chennai|индия|дели|мумбаи|бангалор|гоа|goa":
    "Asia/Kolkata",
  "nepal|kathmandu|непал|катманду": "Asia/Kathmandu",
  "thailand|phuket|таиланд|бангкок|пхукет": "Asia/Bangkok",
  "vietnam|hanoi|saigon|ho chi minh|вьетнам|ханой|нячанг": "Asia/Ho_Chi_Minh",
  "indonesia|индонезия|джакарта": "Asia/Jakarta",
  "bali|denpasar|бали": "Asia/Makassar",
  "malaysia|малайзия|куала лумпур": "Asia/Kuala_Lumpur",
  сингапур: "Asia/Singapore",
  "philippines|филиппины|манила": "Asia/Manila",
  "china|beijing|peking|shenzhen|guangzhou|китай|пекин|шанхай": "Asia/Shanghai",
  "hong kong|гонконг": "Asia/Hong_Kong",
  "taiwan|тайвань|тайбэй": "Asia/Taipei",
  "korea|south korea|kst|busan|корея|южная корея|сеул": "Asia/Seoul",
  "japan|jst|osaka|kyoto|япония|токио|осака|киото": "Asia/Tokyo",
  "australia|canberra|aest|австралия|сидней|канберра": "Australia/Sydney",
  мельбурн: "Australia/Melbourne",
  "new zealand|wellington|новая зеландия|окленд": "Pacific/Auckland",
  "egypt|египет|каир": "Africa/Cairo",
  "nigeria|нигерия|лагос": "Africa/Lagos",
  "kenya|кения|найроби": "Africa/Nairobi",
  "south africa|cape town|юар|кейптаун|йоханнесбург": "Africa/Johannesburg",
};

const ZONES = indexZones();

export interface Place {
  /** IANA name, or `+05:30` for a bare offset. */
  zone: string;
  /** What to call it in an answer. */
  name: string;
}

/** `null` for an unknown name. */
export function findPlace(text: string): Place | null {
  const offset = /^(?:utc|gmt)?\s*([+-])\s*(\d{1,2})(?::?(\d{2}))?$/iu.exec(text.trim().replace("−", "-"));
  if (offset !== null) return offsetPlace(offset);
  const full = fold(text);
  const bare = full.replace(/^(?:the )?(?:city of )?/u, "").replace(/ (?:city|time|time zone|timezone)$/u, "");
  for (const candidate of [full, bare, ...full.split(", ")]) {
    const zone = ZONES.get(candidate.replaceAll(",", "").trim()) ?? ZONES.get(russianNominative(candidate));
    if (zone !== undefined) return { zone, name: zone === "UTC" ? "UTC" : titled(text) };
  }
  return null;
}

function offsetPlace([, sign, hours, minutes]: RegExpExecArray): Place | null {
  if (Number(hours) > 14 || Number(minutes ?? 0) > 59) return null;
  const zone = `${sign}${String(hours).padStart(2, "0")}:${minutes ?? "00"}`;
  return { zone, name: `UTC${zone}` };
}

/** Lower case, no accents, `_`, `-` and `.` as spaces, commas kept: `São_Paulo` and `sao paulo` are one. */
function fold(text: string): string {
  const cyrillic = /\p{Script=Cyrillic}/u.test(text);
  const plain = cyrillic ? text.replaceAll("ё", "е") : text.normalize("NFD").replace(/\p{M}/gu, "");
  return plain
    .toLowerCase()
    .replace(/[_\-./]+/gu, " ")
    .replace(/\s+/gu, " ")
    .replace(/[?!]/gu, "")
    .trim();
}

/** «в Москве», «в Лондоне», «в Токио»: the case ending is undone by trying the nominative's. */
function russianNominative(text: string): string {
  const bare = text.replace(/^(?:в|во|на) /u, "");
  if (ZONES.has(bare)) return bare;
  for (const [ending, nominative] of [
    ["е", "а"],
    ["е", ""],
    ["и", "ь"],
    ["и", "я"],
    ["ии", "ия"],
    ["е", "й"],
    ["у", "а"],
  ] as const) {
    const guess = bare.endsWith(ending) ? bare.slice(0, -ending.length) + nominative : "";
    if (guess !== "" && ZONES.has(guess)) return guess;
  }
  return bare;
}

function titled(text: string): string {
  const city = text.trim().split("/").at(-1) ?? text;
  return city.replaceAll("_", " ").replace(/^\p{Ll}/u, (first) => first.toUpperCase());
}

function indexZones(): ReadonlyMap<string, string> {
  const zones = new Map<string, string>();
  for (const zone of Intl.supportedValuesOf("timeZone")) {
    zones.set(fold(zone), zone);
    const city = fold(zone.split("/").at(-1) ?? zone);
    if (!zones.has(city)) zones.set(city, zone);
  }
  for (const [names, zone] of Object.entries(ALIASES)) for (const name of names.split("|")) zones.set(fold(name), zone);
  return zones;
}
