import { useState } from "react";
import { useApp, useT } from "../../lib/app-context.ts";
import { Icon } from "../Icon.tsx";

/** A picture from elsewhere: loading one tells its server who reads what, so that is for the person to decide. */
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

/** Only encrypted pictures: null for anything else. */
function hostOf(src: string): string | null {
  try {
    const url = new URL(src);
    return url.protocol === "https:" ? url.host : null;
  } catch {
    return null;
  }
}
