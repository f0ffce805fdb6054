import { controllingNames, tellingMessages } from "./answers.ts";
import { badMembers, decompressionBombs } from "./archives.ts";
import type { Attack } from "./attack.ts";
import { plantedConfigurations } from "./configurations.ts";
import { emptyLooking, exchangedPartitions, swapped, writersMeanwhile } from "./databases.ts";
import { endless, escapingNames, linksFromStores, plantedFiles } from "./files.ts";
import { departingDumps, metaCommands } from "./meta_commands.ts";
import { forgedRecords } from "./records.ts";
import { exchangedLog, reaching, waking } from "./waking_code.ts";

/** All of them, by class. */
export const attacks: Record<string, Attack[]> = {
  "another database": departingDumps,
  "waking code": waking,
  "dump's statements": [...reaching, exchangedLog],
  "swapped relations": [...swapped, ...exchangedPartitions],
  "writers meanwhile": writersMeanwhile,
  "databases that look empty": emptyLooking,
  "planted files": [...plantedFiles, escapingNames, ...linksFromStores, ...endless],
  "packed dumps": [...badMembers, ...decompressionBombs],
  "forged records": forgedRecords,
  "configuration and programs": plantedConfigurations,
  "secrets in messages": tellingMessages,
  "names with controls": controllingNames,
  "psql's commands": metaCommands,
};
