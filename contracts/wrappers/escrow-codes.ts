// Generated from the sources of Escrow by `npm run contracts:compile`.

export const EscrowOp = {
  TopUp: 0x5e5c0001,
  SetKey: 0x5e5c0002,
  Redeem: 0x5e5c0003,
  RequestClose: 0x5e5c0004,
  Withdraw: 0x5e5c0005,
  CloseTogether: 0x5e5c0006,
  AddKey: 0x5e5c0007,
  RaiseCap: 0x5e5c0008,
  CancelClose: 0x5e5c0009,
  VoucherPaid: 0x5e5c0011,
  CloseRequested: 0x5e5c0012,
  Withdrawn: 0x5e5c0013,
  Voucher: 0x5e5c0021,
  CloseConsent: 0x5e5c0022,
} as const;

export const EscrowError = {
  UNKNOWN_OP: 1100,
  NOT_OWNER: 1101,
  NOT_ENOUGH_VALUE: 1102,
  NOT_OPENED: 1103,
  BAD_SIGNATURE: 1104,
  NOTHING_NEW: 1105,
  NOTHING_TO_PAY: 1106,
  KEY_IN_USE: 1107,
  WEAK_KEY: 1108,
  ALREADY_CLOSING: 1109,
  NOT_CLOSING: 1110,
  TOO_EARLY: 1111,
  CLOSE_EXPIRED: 1112,
  SIGNATURE_EXPIRED: 1113,
  WRONG_WORKCHAIN: 1114,
  KEYS_FULL: 1115,
  CAP_LOWER: 1116,
  CAP_USED_UP: 1117,
  NO_SUCH_KEY: 1118,
} as const;

export const EscrowTerms = {
  CLOSE_DELAY: 86400,
  WITHDRAW_WINDOW: 259200,
  CAP_PERIOD: 86400,
} as const;
