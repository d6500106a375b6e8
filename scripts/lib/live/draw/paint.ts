import { styleText } from "node:util";

export type Style = Parameters<typeof styleText>[0];
/** Gives a text its look, or leaves it as it is. */
export type Paint = (style: Style, text: string) => string;

export const coloured: Paint = (style, text) => styleText(style, text, { validateStream: false });
export const plain: Paint = (_, text) => text;
