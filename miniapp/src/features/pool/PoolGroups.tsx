/** Models that several machines serve together, public: who holds which layers, how fast it is, and what limits it. */
import { GROUPS_SHOWN_MAX } from "@starai/protocol/pool-status";
import type { PoolGroup } from "@starai/protocol/pool-status";
import { Badge } from "../../components/Badge.tsx";
import { Section } from "../../components/Section.tsx";
import { useLanguage, useT } from "../../lib/app-context.ts";
import { barWords, layerWords, paceWords, stateWords } from "./group-words.ts";
import "./groups.css";

/** In the order of their layers; the classes of their colours. A group has no more machines. */
const PARTS = ["pool-part-1", "pool-part-2", "pool-part-3", "pool-part-4"];

export function PoolGroups({ groups }: { groups: readonly PoolGroup[] }) {
  const t = useT();
  const more = groups.length < GROUPS_SHOWN_MAX ? "" : ` ${t("app.pool.groups_first", { most: GROUPS_SHOWN_MAX })}`;
  return (
    <Section title={t("app.pool.groups")} foot={`${t("app.pool.groups_text")}${more}`}>
      {groups.map((group, at) => (
        <Group key={`${group.model} ${at}`} group={group} />
      ))}
    </Section>
  );
}

function Group({ group }: { group: PoolGroup }) {
  const t = useT();
  const language = useLanguage();
  const pace = paceWords(t, group, language);
  return (
    <article className="pool-group">
      <div className="pool-group-head">
        <h3>{group.name}</h3>
        <Badge look={group.isUp ? "ok" : "plain"}>{stateWords(t, group, language)}</Badge>
      </div>
      {pace !== null && (
        <p className="pool-group-pace figures" dir="auto">
          {pace}
        </p>
      )}
      <LayerBar group={group} />
      <ol className="pool-group-machines">
        {group.members.map((member, place) => (
          <li key={PARTS[place]}>
            <span className={`pool-part ${PARTS[place]}`}>{place + 1}</span>
            <span className="pool-group-machine">
              <bdi>{member.name}</bdi>
              <span className="pool-group-layers figures">{layerWords(t, member, place)}</span>
            </span>
          </li>
        ))}
      </ol>
    </article>
  );
}

/** As wide as each machine's share of the layers, with the number of its line below. */
function LayerBar({ group }: { group: PoolGroup }) {
  const t = useT();
  return (
    <div className="pool-bar" role="img" aria-label={barWords(t, group)}>
      {group.members.map(({ layers }, place) => (
        <span key={PARTS[place]} className={`pool-part ${PARTS[place]}`} style={{ flexGrow: layers }}>
          {place + 1}
        </span>
      ))}
    </div>
  );
}
