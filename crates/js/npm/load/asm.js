export * from "#asm";
