export const generalSlug = "general";

/** The category of posts for which nobody chose one, as SQL. */
export const general = `(SELECT id FROM categories WHERE slug = '${generalSlug}')`;
