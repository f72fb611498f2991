import { useState } from "react";
import { useApp, useT } from "../../lib/app-context.ts";
import { Icon } from "../Icon.tsx";

/** An external picture. Loading it would show its server who reads what, so it is loaded only after a tap. */
export function OutsideImage({ src, alt }: { src: string; alt: string }) {
  const t = useT();
  const { telegram } = useApp();
  const [shown, setShown] = useState(false);
  const host = hostOf(src);
  if (host === null) return <span>{alt}</span>;
  if (shown)
    return (
      <img
        className="answer-image"
        src={src}
        alt={alt}
        referrerPolicy="no-referrer"
        onError={() => {
          setShown(false);
          telegram.open(src);
        }}
      />
    );
  return (
    <button type="button" className="answer-image-button" onClick={() => setShown(true)}>
      <Icon name="image" size={20} />
      <span>
        {alt === "" ? t("app.chat.image") : alt}
        <small>{t("app.chat.image_from", { host })}</small>
      </span>
    </button>
  );
}

/** The host of an HTTPS address; null for any other. */
function hostOf(src: string): string | null {
  try {
    const url = new URL(src);
    return url.protocol === "https:" ? url.host : null;
  } catch {
    return null;
  }
}
