/** Languages by their names, as people name the one they want words in: alternatives of a regular expression. */

export const IN_ENGLISH =
  "english|russian|german|french|spanish|italian|portuguese|dutch|polish|turkish|ukrainian|arabic|hebrew|chinese|japanese|korean|latin";

/** Stems of Russian names, without Russian itself. */
export const IN_RUSSIAN =
  "английск|немецк|французск|испанск|итальянск|португальск|голландск|польск|турецк|украинск|арабск|иврит|китайск|японск|корейск|латин|латын";
