// The evaluation of a talk; nobody evaluates yet.
export const EvaluationForm = () => null;
