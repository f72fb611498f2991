/** Style sheets are imported for their side effect; the build adds them to the page. */
declare module "*.css";
