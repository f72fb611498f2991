/** A person's machines: what they do now, what they were paid, why they get no work, and what is still to be done. */
import type { ComponentType } from "react";
import type { ContributorOverview } from "@starai/protocol/contributor";
import { Banner } from "../../components/Banner.tsx";
import { Cell } from "../../components/Cell.tsx";
import { Failed } from "../../components/Failed.tsx";
import { Screen } from "../../components/Screen.tsx";
import { Section } from "../../components/Section.tsx";
import { useMachines } from "../../data/use-machines.ts";
import { useT } from "../../lib/app-context.ts";
import { ClaimList } from "./ClaimList.tsx";
import { EpochLines } from "./EpochLines.tsx";
import { HoursPlot } from "./HoursPlot.tsx";
import { MachineFigures } from "./MachineFigures.tsx";
import { MachineList } from "./MachineList.tsx";
import { MachinesSkeleton } from "./MachinesSkeleton.tsx";
import { NoMachines } from "./NoMachines.tsx";
import { PaySection } from "./PaySection.tsx";
import { SlashList } from "./SlashList.tsx";
import { StakeSection } from "./StakeSection.tsx";
import "../../lib/late-texts.ts";
import "./machines.css";

export interface MachinesProps {
  /** How a machine joins: a command. */
  join: ComponentType;
  /** The button that brings pay to the wallet, and how far it is. */
  claim: ComponentType<{ overview: ContributorOverview }>;
}

export default function MachinesScreen({ join: Join, claim }: MachinesProps) {
  const t = useT();
  const { data, error, refetch } = useMachines();
  return (
    <Screen title={t("machines.title")}>
      {data === undefined ? (
        error === null ? (
          <MachinesSkeleton />
        ) : (
          <Failed error={error} text={t("machines.failed")} onRetry={() => void refetch()} />
        )
      ) : (
        <>
          {error !== null && <Banner>{t("machines.stale")}</Banner>}
          {isEmpty(data) ? <NoMachines overview={data} /> : <Dashboard overview={data} claim={claim} />}
          <Join />
        </>
      )}
    </Screen>
  );
}

/** Who has no machine any more may still have pay or a stake to bring home. */
function isEmpty({ machines, lines, earnings, slashes, stake }: ContributorOverview): boolean {
  if (machines.length > 0 || lines.length > 0 || slashes.length > 0) return false;
  const { stake: staked = "0", unbonding = "0", disputed = "0" } = stake ?? {};
  return [earnings.claimable, earnings.claimed, staked, unbonding, disputed].every((amount) => amount === "0");
}

function Dashboard({ overview, claim: Claim }: { overview: ContributorOverview; claim: MachinesProps["claim"] }) {
  const t = useT();
  return (
    <>
      <MachineFigures overview={overview} />
      <SlashList overview={overview} />
      <PaySection overview={overview}>
        <Claim overview={overview} />
      </PaySection>
      <MachineList overview={overview} />
      <HoursPlot overview={overview} />
      <StakeSection overview={overview} />
      <ClaimList overview={overview} />
      <EpochLines overview={overview} />
      <Section>
        <Cell title={t("machines.add")} detail={t("machines.add_about")} href="/machines/pair" />
      </Section>
    </>
  );
}
