// Generated from the sources of RewardDistributor by `npm run contracts:compile`.

export const RewardDistributorOp = {
  Claim: 0x5ad10001,
  ActivateRoot: 0x5ad10002,
  ChallengeDecrease: 0x5ad10003,
  PayOut: 0x5ad10004,
  ProposeRoot: 0x5ad10005,
  RelaySlash: 0x5ad10006,
  VetoRoot: 0x5ad10007,
  Freeze: 0x5ad10008,
  Unfreeze: 0x5ad10009,
  RevokeRoot: 0x5ad1000a,
  RotatePublisher: 0x5ad1000b,
  NameGuardian: 0x5ad1000c,
  RelayCancelSlash: 0x5ad1000d,
  AcceptGuardian: 0x5ad1000e,
  RewardPaid: 0x5ad1000f,
} as const;

export const RewardDistributorError = {
  FROZEN: 631,
  NOT_A_PROOF: 632,
  FORGED_PROOF: 633,
  NO_LEAF: 634,
  POOL_EMPTY: 635,
  CLAIM_VALUE_TOO_SMALL: 636,
  NOT_THE_ACCOUNT: 637,
  NOT_THE_PUBLISHER: 638,
  NOT_THE_GUARDIAN: 639,
  ROOT_PENDING: 640,
  NO_ROOT_PENDING: 641,
  WRONG_EPOCH: 642,
  TOTAL_FALLS: 643,
  ABOVE_EPOCH_CAP: 644,
  EMPTY_ROOT: 645,
  DELAY_OPEN: 646,
  NOT_A_DECREASE: 647,
  FREEZE_TOO_SOON: 648,
  NOT_FROZEN: 649,
  ROOT_IS_FINAL: 650,
  TOO_MANY_SLASHES: 651,
  WRONG_WORKCHAIN: 652,
  UNKNOWN_OP: 653,
} as const;

export const RewardDistributorTerms = {
  BUCKET_EPOCHS: 3,
  FREEZE_SECONDS: 1209600,
  FREEZE_PAUSE_SECONDS: 1209600,
  REVOKE_SECONDS: 259200,
} as const;
