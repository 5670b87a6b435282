extension Settings {
  /// A config.yaml with every setting, to start from.
  public static var example: String {
    var text = "# jobdeck's settings; all of them may be left out. See Docs/settings.md.\n"
    for key in ConfigKey.all { text += "\n\(key.example)\n" }
    return text
  }

  /// Docs/settings.md.
  static func documentation() -> String {
    var text = """
      # Settings

      Generated from the list of settings; a test keeps it up to date.

      jobdeck reads four files in `$XDG_CONFIG_HOME/jobdeck` (`~/.config/jobdeck`), none of which need be there. What \
      is wrong in them is told with file, line and place when jobdeck starts, and by `jobdeck settings`, whose exit code \
      is 1 then; the rest of them is used. A file that changes is read again at once; where it is wrong, the settings \
      stay as they were.

      Scalars are text as it is written: `n` and `y` are keys here, not booleans. What YAML itself means something by \
      (`:`, `?`, `>`, `!`, `#`, `-`) is to be quoted.

      ## config.yaml

      `jobdeck settings --example` prints one to start from.

      """
    for key in ConfigKey.all {
      text += "\n### \(key.name)\n\n\(key.help)\n\n```yaml\n\(key.example)\n```\n"
    }
    text += """

      ## aliases.yaml

      As k9s has it: another name for a command, with its arguments if it takes any. An alias goes before what it is \
      named like. Those that stand for kinds that jobdeck has no view of, such as `deployments`, are told of when they \
      are used.

      ```yaml
      \(exampleAliases)
      ```

      ## hotkeys.yaml

      As k9s has it: a key for a command. `shortCut` is a key; `Shift-1` is the `!` of an American keyboard. A key that \
      something else has needs `override: true`. `keepHistory: true` lets Esc lead back. The variables below are known, \
      too.

      ```yaml
      \(exampleHotKeys)
      ```

      ## plugins.yaml

      As k9s has it: a program that a key starts with the selected object. It has its place in `?`, in the footer and, \
      by its name, after `:`.

      ```yaml
      \(examplePlugins)
      ```

      | field | meaning |
      | --- | --- |
      | `shortCut`, `override`, `description` | as for a hot key |
      | `scopes` | the views that it is for, as they are typed after `:`, or `all` |
      | `command`, `args` | the program, looked for in `PATH`, and its arguments |
      | `background` | it runs beside the dashboard, without the terminal; how it ended is told. It goes on when jobdeck ends |
      | `overwriteOutput` | of one in the background, the last line that it wrote is told |
      | `confirm` | the command line is shown, and has to be agreed to |
      | `dangerous` | not there with `--read-only` |
      | `inputs` | what is asked for first: `name`, `label`, `type` (string, number, bool, dropdown), `required`, \
      `default`, `options`; arguments have it as `$INPUT_NAME` |

      Arguments are handed over as they are: no shell reads them, so nothing that a job is called can become a \
      command. What comes after `-c` (or `-Command`, `-e`) is a program: it takes only values that are plain words; \
      give others as arguments of their own: `args: [-c, 'echo "$1"', sh, $COL-COMMAND]`. A program in the foreground that fails \
      leaves what it wrote on the screen until Enter.

      What begins with `$` and is no variable stays as it is, for the program. k9s' `pipes` are not there: let \
      `command` be a script.

      | variable | meaning |
      | --- | --- |

      """
    for variable in PluginText.variables { text += "| `$\(variable.name)` | \(variable.help) |\n" }
    text += """
      | `$COL-STATUS`, `${COL-LAST EXIT}` | the cell of the column of this title, without signs and bars |
      | `$!NAME` | the opposite of true or false |

      """
    return text
  }

  static let exampleAliases = """
    aliases:
      pp: pods
      failed: jobs all /failed
      jb: batch/v1/jobs
    """

  static let exampleHotKeys = """
    hotKeys:
      failed-pods:
        shortCut: Shift-1
        description: Failed pods
        command: pods all /failed
        keepHistory: true
    """

  static let examplePlugins = """
    plugins:
      show-node:
        shortCut: Ctrl-T
        description: What runs on its node
        scopes: [pods]
        command: less
        args: [/var/log/nodes/$NODE.log]
      notify:
        shortCut: f5
        confirm: true
        description: Send a message about it
        scopes: [jobs, cronjobs]
        command: notify-send
        background: true
        args: [$NAMESPACE/$NAME, "is $COL-STATUS"]
    """
}
