import { encodeQR } from "qr";

interface QrCodeProps {
  text: string;
  /** What it is for. */
  label: string;
}

/** Modules of white around the code, by its standard. */
const BORDER = 4;

/** A QR code, dark on light in every theme: many scanners read no other. */
export default function QrCode({ text, label }: QrCodeProps) {
  const rows = encodeQR(text, "raw", { ecc: "medium", border: BORDER });
  const size = rows.length;
  return (
    <figure className="qr">
      <svg viewBox={`0 0 ${size} ${size}`} shapeRendering="crispEdges" role="img" aria-label={label}>
        <rect width={size} height={size} fill="#fff" />
        <path d={pathOf(rows)} fill="#000" />
      </svg>
      <figcaption>{label}</figcaption>
    </figure>
  );
}

/** One stroke of squares for all dark modules. */
function pathOf(rows: readonly (readonly boolean[])[]): string {
  return rows.flatMap((row, y) => row.flatMap((isDark, x) => (isDark ? [`M${x} ${y}h1v1h-1z`] : []))).join("");
}
