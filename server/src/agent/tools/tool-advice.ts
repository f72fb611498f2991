/** Why a call failed, worded as advice: weak models repeat error messages to the person or act on them. */
export class ToolAdvice extends Error {
  override readonly name = "ToolAdvice";
}
