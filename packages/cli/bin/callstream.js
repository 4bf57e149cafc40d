#!/usr/bin/env node
/*
 * Starts the command. Checks the version of Node first, so this file imports nothing up front and is written for old
 * ones: it must parse, and say its sentence, wherever npm can install it.
 */
var wanted = [24, 6]
var parts = process.versions.node.split(".").map(Number)

if (parts[0] < wanted[0] || (parts[0] === wanted[0] && parts[1] < wanted[1])) {
  process.stderr.write(
    "Callstream needs Node " + wanted.join(".") + " or newer, this is " + process.versions.node + "\n"
  )
  process.exitCode = 2
} else {
  void import("node:module")
    .then(function (module) {
      // Compiled code is kept between runs: it makes the second start about a third shorter.
      module.enableCompileCache()
      return import("#main")
    })
    .then(function (command) {
      return command.main()
    })
}
