internal import Glibc

extension TimeZoneRules {
  /// This machine's zone, as the C library finds it: `$TZ`, else `/etc/localtime`, else UTC.
  public static func local() -> TimeZoneRules {
    if let variable = getenv("TZ") {
      let text = String(cString: variable)
      let name = text.hasPrefix(":") ? String(text.dropFirst()) : text
      if name.hasPrefix("/") {
        return contents(of: name).flatMap { TimeZoneRules(name: "Local", file: $0) } ?? .utc
      }
      return (try? TimeZoneRules(named: name)) ?? .utc
    }
    return contents(of: "/etc/localtime").flatMap { TimeZoneRules(name: "Local", file: $0) } ?? .utc
  }
}
