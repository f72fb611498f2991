/** Requests to the emulator's thread and its replies. Cells are base64 bags of cells, so both can be read in a log. */

export interface TransactionRun {
  readonly kind: "transaction";
  readonly shardAccount: string;
  readonly message: string;
  readonly nowS: number;
  readonly lt: bigint;
  /** 32 bytes, hex. */
  readonly seed: string;
  /** Only for estimates, which are made before the person signs. */
  readonly ignoreSignature: boolean;
}

export interface MethodRun {
  readonly kind: "method";
  readonly code: string;
  readonly data: string;
  readonly methodId: number;
  /** The arguments as one tuple cell (`serializeTuple`). */
  readonly stack: string;
  /** Raw form. */
  readonly address: string;
  readonly nowS: number;
  readonly balance: bigint;
  readonly seed: string;
  readonly gasLimit: bigint;
}

export type ExecutorRequest = TransactionRun | MethodRun;

/** The emulator rejected an external message nobody accepted (with the contract's exit code), or invalid input. */
export interface Refused {
  readonly kind: "refused";
  readonly error: string;
  readonly exitCode: number | null;
}
export interface Done {
  readonly kind: "done";
  readonly transaction: string;
  readonly shardAccount: string;
}
export interface Returned {
  readonly kind: "returned";
  readonly exitCode: number;
  readonly gasUsed: number;
  readonly stack: string;
}

export type ExecutorReply =
  | { readonly id: number; readonly value: Refused | Done | Returned }
  | { readonly id: number; readonly error: string };
