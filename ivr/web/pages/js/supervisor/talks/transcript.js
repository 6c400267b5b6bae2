// The words of a recording; nobody writes them down yet.
export const Transcript = () => null;
