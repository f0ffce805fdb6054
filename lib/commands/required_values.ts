import { InvalidArgumentError, Option } from "@commander-js/extra-typings";
import { parseRequiredValues, type RequiredValues } from "../values/required_values.ts";

export const requireValuesOption = () =>
  new Option(
    "--require-values <table:column=v,…>",
    "no backup unless this role sees rows with each of these values; may be repeated",
  ).argParser((text, gathered: RequiredValues[] = []) => {
    const required = parseRequiredValues(text);
    if (required) return [...gathered, required];
    throw new InvalidArgumentError("It must be table:column=value or table:column=value,value.");
  });
