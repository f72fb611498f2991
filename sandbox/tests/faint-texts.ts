/** Finds visible texts with too little contrast. Runs inside a page, so it must not use anything outside itself. */
export function faintTexts(): { looked: number; found: string[] } {
  const canvas = document.createElement("canvas").getContext("2d", { willReadFrequently: true });
  if (!canvas) return { looked: 0, found: [] };
  const paint = (colours: string[]): number[] => {
    canvas.clearRect(0, 0, 1, 1);
    for (const colour of colours) {
      canvas.fillStyle = colour;
      canvas.fillRect(0, 0, 1, 1);
    }
    return [...canvas.getImageData(0, 0, 1, 1).data].slice(0, 3);
  };
  const gamma = 2.4;
  const luminance = (rgb: number[]) => {
    const [r = 0, g = 0, b = 0] = rgb.map((value) => {
      const part = value / 255;
      return part <= 0.039_28 ? part / 12.92 : ((part + 0.055) / 1.055) ** gamma;
    });
    return 0.2126 * r + 0.7152 * g + 0.0722 * b;
  };
  const behind = (element: Element | null): string[] => {
    if (!element) return ["white"];
    const style = getComputedStyle(element);
    const gradient = /(?:rgb|color)[^)]*\)/.exec(style.backgroundImage)?.[0];
    return [...behind(element.parentElement), ...(gradient ? [gradient] : []), style.backgroundColor];
  };
  let looked = 0;
  const found: string[] = [];
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  while (walker.nextNode()) {
    const element = walker.currentNode.parentElement;
    const words = walker.currentNode.textContent?.trim() ?? "";
    if (!element || words === "" || !element.checkVisibility() || element.closest("svg, noscript, option")) continue;
    looked += 1;
    const back = behind(element);
    const [light, dark] = [luminance(paint([...back, getComputedStyle(element).color])), luminance(paint(back))].sort(
      (a, b) => b - a,
    );
    const ratio = ((light ?? 0) + 0.05) / ((dark ?? 0) + 0.05);
    if (ratio < 4.5 && !element.closest(":disabled")) found.push(`${words.slice(0, 30)}: ${ratio.toFixed(2)}`);
  }
  return { looked, found };
}
