/** The texts of people's pages and settings. */
export const peopleEn = {}
