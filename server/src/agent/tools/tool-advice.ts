/** Why a tool could not do what was asked, said as advice: weak models repeat errors to the person or act on them. */
export class ToolAdvice extends Error {
  override readonly name = "ToolAdvice";
}
