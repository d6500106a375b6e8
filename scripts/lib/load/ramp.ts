/** How long the load takes from little to all of it. k6 reads this, too: nothing of Node's may be imported here. */
export const rampSeconds = 3;
