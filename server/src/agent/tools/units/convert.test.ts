import { expect, test } from "vitest";
import { convert } from "./convert.ts";

const NOW = Date.UTC(2026, 10, 23, 14, 5);

test.each([
  [`5'11" to cm`, "180.34 cm"],
  ["5’11” in centimetres", "180.34 cm"],
  ["5 ft 11 in to cm", "180.34 cm"],
  ["5 feet 11 inches in cm", "180.34 cm"],
  ["5'11 to cm", "180.34 cm"],
  ["6 in to cm", "15.24 cm"],
  ["180 cm to feet and inches", "5 ft 10.9 in"],
  ["350°F to C", "176.667 °C"],
  ["350 degrees Fahrenheit in celsius", "176.667 °C"],
  ["-40 C to F", "-40 °F"],
  ["100 mph to km/h", "160.934 km/h"],
  ["180 lbs to kg", "81.6466 kg"],
  ["10 stone 7 pounds in kilos", "66.6781 kg"],
  ["2 1/2 cups to ml", "591.471 ml"],
  ["½ cup in ml", "118.294 ml"],
  ["16 cups in ounces", "128 fl oz"],
  ["1,500 m to miles", "0.932057 miles"],
  ["30 mpg to l/100km", "7.84049 l/100 km"],
  ["1 hour 20 min to minutes", "80 minutes"],
  ["1 acre to square feet", "43560 sq ft"],
  ["1 m2 in sq ft", "10.7639 sq ft"],
  ["1 TB in GB", "1000 GB"],
  ["1 GiB in MiB", "1024 MiB"],
  ["32 psi to bar", "2.20632 bar"],
  ["kg to lbs", "2.20462 lb"],
  ["100 миль в км", "160.934 km"],
  ["70 кг в фунтах", "154.324 lb"],
  ["6 футов 2 дюйма в см", "187.96 cm"],
  ["100 градусов по Фаренгейту в Цельсия", "37.7778 °C"],
  ["3,5 мили в километрах", "5.6327 km"],
  ["2 столовые ложки в мл", "29.5735 ml"],
  ["120 км/ч в м/с", "33.3333 m/s"],
])("%s makes %s", (query, result) => {
  expect(convert(query, NOW)).toContain(`= ${result}`);
});

test.each([
  ["3 pm London to Tokyo", "00:00 (12:00 AM) in Tokyo"],
  ["9:30 New York in London", "14:30 (2:30 PM) in London"],
  ["9:00 Rome to Seoul", "17:00 (5:00 PM) in Seoul"],
])("a clock time is one too: %s", (query, result) => {
  expect(convert(query, NOW)).toContain(result);
});

const UNREAD = "cannot be converted. Write a value with its unit";

test.each([
  ["10 km", UNREAD],
  ["2 cups to grams", "cups is volume and g is mass"],
  ["5 apples to oranges", UNREAD],
  ["10 km to kg", "km is length and kg is mass"],
  ["hello", UNREAD],
  ["", UNREAD],
  ["x".repeat(500), "that is too long"],
  ["1 2 3 4 5 6 7 8 km to m", UNREAD],
])("%s is refused with advice: %s", (query, advice) => {
  expect(() => convert(query, NOW)).toThrow(advice);
});
