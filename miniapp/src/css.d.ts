/** Style sheets are imported for their side effect; the build adds them to the page. */
declare module "*.css";
declare module "*.json?late" {
  const texts: Record<string, string>;
  export default texts;
}
