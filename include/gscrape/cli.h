/* SPDX-License-Identifier: MIT */
/* cli.h: the command line: options from one table, configuration, and the commands that print. */
#ifndef GSCRAPE_CLI_H
#define GSCRAPE_CLI_H

int cli_main(int argc, char **argv); /* exit status: 0 done, 1 failed, 2 wrong usage */

#endif
