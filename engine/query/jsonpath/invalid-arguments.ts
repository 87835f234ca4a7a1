/** The arguments do not fit the function. Says no more than that, like AWS. */
export class InvalidArguments extends Error {}
