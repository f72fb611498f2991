// Generated from the sources of ContributorAccount by `npm run contracts:compile`.

export const ContributorAccountOp = {
  Stake: 0x5aca0001,
  RequestUnbond: 0x5aca0002,
  WithdrawUnbonded: 0x5aca0003,
  ExecuteSlash: 0x5aca0004,
  AccrueClaim: 0x5aca0005,
  ProposeSlash: 0x5aca0006,
  CancelSlash: 0x5aca0007,
  SlashProceeds: 0x5aca0008,
} as const;

export const ContributorAccountError = {
  NOT_THE_OWNER: 601,
  NOT_THE_DISTRIBUTOR: 602,
  NO_AMOUNT: 603,
  VALUE_TOO_SMALL: 604,
  ABOVE_STAKE: 605,
  NOTHING_UNBONDED: 606,
  STILL_UNBONDING: 607,
  NOTHING_FREE: 608,
  NOTHING_TO_CLAIM: 609,
  SLASH_PENDING: 610,
  NO_SLASH_PENDING: 611,
  ABOVE_SLASH_CAP: 612,
  COOLING_DOWN: 613,
  APPEAL_OPEN: 614,
  UNKNOWN_OP: 615,
  DISPUTE_EXPIRED: 616,
} as const;

export const ContributorAccountTerms = {
  UNBOND_SECONDS: 604800,
  APPEAL_SECONDS: 259200,
  DISPUTE_SECONDS: 604800,
  SLASH_WINDOW_SECONDS: 2592000,
  COOL_DOWN_SECONDS: 2592000,
  SLASH_CAP_PERCENT: 30,
} as const;
