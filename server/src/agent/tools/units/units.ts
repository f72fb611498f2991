/** The units people name, with their spellings in English and Russian. Factors are exact by definition where one exists. */

export type Dimension =
  | "length"
  | "mass"
  | "temperature"
  | "volume"
  | "speed"
  | "area"
  | "time"
  | "data"
  | "energy"
  | "power"
  | "pressure"
  | "angle"
  | "fuel use";

export interface Unit {
  dimension: Dimension;
  /** How an answer names it. */
  symbol: string;
  /** How many of the dimension's base unit one is (m, kg, l, m/s, m², s, byte, J, W, Pa, degree). */
  factor: number;
  /** Temperatures only: kelvin at 0 of this unit. */
  zero?: number;
  /** Fuel use only: distance per volume, the inverse of litres per 100 km. */
  inverse?: boolean;
}

/** dimension: [symbol, factor, spellings separated by |]. Spellings are lower case without dots; `m` and `M` are told apart below. */
const TABLE: Readonly<Partial<Record<Dimension, readonly (readonly [string, number, string])[]>>> = {
  length: [
    ["nm", 1e-9, "nm|nanometer|nanometre|нанометр"],
    ["µm", 1e-6, "µm|um|micron|micrometer|micrometre|микрон|мкм"],
    ["mm", 0.001, "mm|millimeter|millimetre|мм|миллиметр"],
    ["cm", 0.01, "cm|centimeter|centimetre|см|сантиметр"],
    ["dm", 0.1, "dm|decimeter|decimetre|дм|дециметр"],
    ["m", 1, "m|meter|metre|м|метр"],
    ["km", 1000, "km|kilometer|kilometre|kms|км|километр"],
    ["inches", 0.0254, "in|inch|inches|\"|''|дюйм"],
    ["ft", 0.3048, "ft|foot|feet|'|фут|фт"],
    ["yd", 0.9144, "yd|yard|yds|ярд"],
    ["miles", 1609.344, "mi|mile|миля|мили|миль|милю|милях"],
    ["nautical miles", 1852, "nautical mile|nmi|морская миля|морских миль|морские мили"],
    ["light years", 9.4607304725808e15, "light year|light-year|ly|световой год|световых лет"],
  ],
  mass: [
    ["mg", 1e-6, "mg|milligram|мг|миллиграмм"],
    ["g", 0.001, "g|gr|gram|gramme|г|гр|грамм"],
    ["kg", 1, "kg|kgs|kilo|kilogram|kilogramme|кг|кило|килограмм"],
    ["t", 1000, "t|tonne|metric ton|т|тонна|тонны|тонн|тонну"],
    ["oz", 0.028349523125, "oz|ounce|унция|унции|унций|унцию|унциях"],
    ["lb", 0.45359237, "lb|lbs|pound|фунт"],
    ["st", 6.35029318, "st|stone|стоун"],
    ["short tons", 907.18474, "ton|us ton|short ton"],
    ["carats", 0.0002, "carat|ct|карат"],
  ],
  volume: [
    ["ml", 0.001, "ml|milliliter|millilitre|cc|мл|миллилитр"],
    ["cl", 0.01, "cl|centiliter|centilitre"],
    ["l", 1, "l|liter|litre|л|литр"],
    ["m³", 1000, "m3|m³|cubic meter|cubic metre|м3|м³|кубометр|куб|кубический метр|кубических метров"],
    ["tsp", 0.00492892159375, "tsp|teaspoon|чайная ложка|чайных ложек|чайные ложки|ч л|чл"],
    ["tbsp", 0.01478676478125, "tbsp|tablespoon|столовая ложка|столовых ложек|столовые ложки|ст л|стл"],
    ["fl oz", 0.0295735295625, "fl oz|fluid ounce|floz|жидкая унция|жидких унций"],
    ["cups", 0.2365882365, "cup|чашка|чашки|чашек|чашку|стакан"],
    ["pints", 0.473176473, "pint|pt|пинта|пинты|пинт|пинту"],
    ["quarts", 0.946352946, "quart|qt|кварта|кварт"],
    ["gallons", 3.785411784, "gallon|gal|us gallon|галлон"],
    ["imperial gallons", 4.54609, "imperial gallon|uk gallon|imp gal"],
    ["barrels", 158.987294928, "barrel|bbl|баррель|барреля|баррелей"],
  ],
  speed: [
    ["m/s", 1, "m/s|mps|meter per second|metre per second|м/с|метр в секунду|метров в секунду"],
    [
      "km/h",
      1 / 3.6,
      "km/h|kmh|kph|kmph|km per hour|kilometer per hour|kilometre per hour|kilometers per hour|kilometres per hour|км/ч|кмч|километр в час|километров в час|километра в час|км в час",
    ],
    ["mph", 0.44704, "mph|mi/h|мпч|миль/ч|mile per hour|miles per hour|миль в час|миля в час|мили в час"],
    ["knots", 1852 / 3600, "knot|kn|kt|узел|узлов|узла"],
    ["ft/s", 0.3048, "ft/s|fps|foot per second|feet per second"],
  ],
  area: [
    ["cm²", 1e-4, "cm2|cm²|sq cm|square centimeter|square centimetre|см2|см²"],
    [
      "m²",
      1,
      "m2|m²|sqm|sq m|square meter|square metre|м2|м²|кв м|квм|квадратный метр|квадратных метров|квадратных метра|квадратные метры",
    ],
    ["km²", 1e6, "km2|km²|sq km|square kilometer|square kilometre|км2|км²|кв км|квадратных километров"],
    ["ha", 10_000, "ha|hectare|га|гектар"],
    ["acres", 4046.8564224, "acre|акр"],
    ["sq ft", 0.09290304, "sq ft|sqft|ft2|ft²|square foot|square feet|кв фут|квадратный фут|квадратных футов"],
    ["sq in", 0.00064516, "sq in|in2|square inch"],
    ["sq mi", 2_589_988.110336, "sq mi|square mile|mi2|квадратная миля|квадратных миль"],
    ["sotki", 100, "sotka|are|сотка|сотки|соток"],
  ],
  time: [
    ["ms", 0.001, "ms|millisecond|мс|миллисекунда|миллисекунд"],
    ["seconds", 1, "s|sec|second|сек|с|секунда|секунды|секунд|секундах"],
    ["minutes", 60, "min|minute|мин|минута|минуты|минут|минутах"],
    ["hours", 3600, "h|hr|hrs|hour|ч|час|часа|часов|часах"],
    ["days", 86_400, "d|day|день|дня|дней|днях|сутки|суток"],
    ["weeks", 604_800, "wk|week|неделя|недели|недель|неделях"],
    ["months (30 days)", 2_592_000, "month|месяц"],
    ["years (365 days)", 31_536_000, "y|yr|year|год|года|лет|годах"],
  ],
  data: [
    ["bits", 0.125, "bit|бит"],
    ["bytes", 1, "b|byte|байт"],
    ["KB", 1e3, "kb|kilobyte|кб|килобайт"],
    ["MB", 1e6, "mb|megabyte|мб|мегабайт"],
    ["GB", 1e9, "gb|gigabyte|гб|гигабайт"],
    ["TB", 1e12, "tb|terabyte|тб|терабайт"],
    ["PB", 1e15, "pb|petabyte"],
    ["KiB", 1024, "kib|kibibyte"],
    ["MiB", 1024 ** 2, "mib|mebibyte"],
    ["GiB", 1024 ** 3, "gib|gibibyte"],
    ["TiB", 1024 ** 4, "tib|tebibyte"],
  ],
  energy: [
    ["J", 1, "j|joule|дж|джоуль|джоулей"],
    ["kJ", 1000, "kj|kilojoule|кдж|килоджоуль|килоджоулей"],
    ["cal", 4.184, "cal|calorie|кал|калория|калорий"],
    ["kcal", 4184, "kcal|kilocalorie|ккал|килокалория|килокалорий"],
    ["Wh", 3600, "wh|watt hour|вт ч"],
    ["kWh", 3.6e6, "kwh|kilowatt hour|kilowatt-hour|квт ч|квтч|киловатт час"],
    ["BTU", 1055.05585262, "btu"],
  ],
  power: [
    ["W", 1, "w|watt|вт|ватт"],
    ["kW", 1000, "kw|kilowatt|квт|киловатт"],
    ["MW", 1e6, "mw|megawatt|мвт|мегаватт"],
    ["hp", 745.69987158227, "hp|horsepower"],
    ["metric hp (PS)", 735.49875, "ps|л с|лс|лошадиная сила|лошадиных сил|лошадиные силы"],
  ],
  pressure: [
    ["Pa", 1, "pa|pascal|па|паскаль"],
    ["hPa", 100, "hpa|mbar|millibar|гпа"],
    ["kPa", 1000, "kpa|kilopascal|кпа|килопаскаль"],
    ["bar", 100_000, "bar|бар"],
    ["psi", 6894.757293168, "psi|pound per square inch|pounds per square inch"],
    ["atm", 101_325, "atm|atmosphere|атм|атмосфера|атмосфер"],
    ["mmHg", 133.322387415, "mmhg|torr|mm hg|мм рт ст|ммртст"],
  ],
  angle: [
    ["degrees", 1, "°|deg|arc degree"],
    ["radians", 180 / Math.PI, "rad|radian|радиан"],
  ],
};

const TEMPERATURES: readonly (readonly [string, number, number, string])[] = [
  [
    "°C",
    1,
    273.15,
    "c|°c|ºc|celsius|centigrade|degree celsius|degree c|с|°с|градус цельсия|градусов цельсия|градуса цельсия|градусах цельсия|цельсия|цельсий|по цельсию|градусов по цельсию",
  ],
  [
    "°F",
    5 / 9,
    459.67 * (5 / 9),
    "f|°f|ºf|fahrenheit|farenheit|degree fahrenheit|degree f|фаренгейт|фаренгейта|градус фаренгейта|градусов фаренгейта|градуса фаренгейта|градусах фаренгейта|по фаренгейту|градусов по фаренгейту",
  ],
  ["K", 1, 0, "k|kelvin|degree kelvin|к|кельвин"],
];

const FUEL: readonly (readonly [string, number, boolean, string])[] = [
  [
    "l/100 km",
    1,
    false,
    "l/100km|l/100 km|litres per 100 km|liters per 100 km|liter per 100 km|л/100км|л/100 км|л на 100 км|литров на 100 км",
  ],
  ["mpg", 235.214583, true, "mpg|mile per gallon|miles per gallon"],
  ["km/l", 100, true, "km/l|kilometers per liter|км/л"],
];

const UNITS = indexUnits();

/** The unit of a spelling; English plurals and the commonest Russian endings are undone. `null` where unknown. */
export function findUnit(text: string): Unit | null {
  const exact = text.trim();
  // Uses the letter case only where two units differ by nothing else.
  if (exact === "M" || exact === "Mb") return null;
  const plain = exact
    .toLowerCase()
    .replace(/[.]/gu, "")
    .replace(/’/gu, "'")
    .replace(/[”“″]/gu, '"')
    .replace(/\s+/gu, " ")
    .replace(/^degrees /u, "degree ")
    .trim();
  return (
    UNITS.get(plain) ??
    UNITS.get(singular(plain)) ??
    UNITS.get(plain.replace(/(?:ов|ев|ах|ях|ам|а|ы|у|е|и|ей|я)$/u, "")) ??
    UNITS.get(plain.replace(/\bper an? /u, "per ")) ??
    null
  );
}

function singular(text: string): string {
  return text
    .replace(/^(\p{L}+)s( per .+)?$/u, "$1$2")
    .replace(/^((?:square|cubic|fluid|light|nautical|metric|short|imperial|uk|us|kilowatt|watt) \p{L}+)s$/u, "$1")
    .replace(/^(kilowatt-hour|light-year)s$/u, "$1");
}

function indexUnits(): ReadonlyMap<string, Unit> {
  const units = new Map<string, Unit>();
  const add = (spellings: string, unit: Unit) => spellings.split("|").forEach((spelling) => units.set(spelling, unit));
  for (const [dimension, rows] of Object.entries(TABLE)) {
    for (const [symbol, factor, spellings] of rows)
      add(spellings, { dimension: dimension as Dimension, symbol, factor });
  }
  for (const [symbol, factor, zero, spellings] of TEMPERATURES)
    add(spellings, { dimension: "temperature", symbol, factor, zero });
  for (const [symbol, factor, inverse, spellings] of FUEL)
    add(spellings, { dimension: "fuel use", symbol, factor, inverse });
  return units;
}
