import { PERSONAS } from "@starai/protocol/personas";
import type { Persona } from "@starai/protocol/personas";
import { useT } from "../lib/app-context.ts";
import { Cell } from "./Cell.tsx";
import { Section } from "./Section.tsx";

interface PresetListProps {
  title: string;
  /** Null for the plain persona. */
  chosen: string | null;
  onChoose: (id: Persona | null) => void;
}

/** The list of persona presets, with the chosen one ticked. */
export function PresetList({ title, chosen, onChoose }: PresetListProps) {
  const t = useT();
  return (
    <Section title={title}>
      <Cell
        title={t("persona.plain.name")}
        detail={t("persona.plain.about")}
        chosen={chosen === null}
        onClick={() => onChoose(null)}
      />
      {PERSONAS.map((id) => (
        <Cell
          key={id}
          title={t(`persona.${id}.name`)}
          detail={t(`persona.${id}.about`)}
          chosen={chosen === id}
          onClick={() => onChoose(id)}
        />
      ))}
    </Section>
  );
}
