/** A machine that served a model together with others, as an attempt's row holds it. */
export interface GroupMember {
  readonly worker: string;
  /** As it called itself when the lease was given. */
  readonly name: string;
  /** Of the model's layers, those it computes. */
  readonly layers: number;
  /** Bytes of weights that it computes for a token: what the attempt's pay is divided by. */
  readonly work: number;
}
