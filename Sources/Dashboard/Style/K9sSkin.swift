internal import KubeModel
internal import Terminal

/// Reads the skins of k9s: YAML with a colour for each part of its screen.
///
/// What k9s has and jobdeck has not is left out, and so are keys that nobody knows, as k9s does it.
struct K9sSkin {
  private let document: YAMLDocument

  /// The theme that looks as the skin does.
  ///
  /// - Throws: the first thing that is wrong, with its place.
  static func theme(_ text: String, file: String, name: String) throws(ManifestError) -> Theme {
    let skin = K9sSkin(document: try YAMLDocument(Array(text.utf8), file: file))
    guard skin.document.value["k9s"]?.object != nil else {
      throw skin.document.error(at: [.field("k9s")], "a skin of k9s has everything below 'k9s:', which is not here")
    }
    return Theme(name: name, roles: try skin.styles())
  }

  /// A role and where its colours stand; of several places the first one that is there.
  private struct Part {
    let role: Role
    let foreground: [String]
    var background: [String] = []
    var attributes: Attributes = []
  }

  private static let parts: [Part] = [
    Part(role: .text, foreground: ["body.fgColor"], background: ["body.bgColor"]),
    Part(role: .brand, foreground: ["body.logoColor"], attributes: .bold),
    Part(role: .title, foreground: ["frame.title.fgColor"], attributes: .bold),
    Part(role: .crumb, foreground: ["frame.title.highlightColor", "frame.title.fgColor"], attributes: .bold),
    Part(role: .border, foreground: ["frame.border.fgColor"]),
    Part(role: .key, foreground: ["frame.menu.keyColor"]),
    Part(role: .accent, foreground: ["views.table.header.sorterColor", "frame.menu.keyColor"]),
    Part(role: .header, foreground: ["views.table.header.fgColor"], attributes: [.bold, .underline]),
    Part(
      role: .selection, foreground: ["views.table.cursorFgColor"],
      background: ["views.table.cursorBgColor", "views.table.cursorColor"], attributes: .bold),
    Part(role: .marked, foreground: ["views.table.markColor"]),
    Part(role: .running, foreground: ["frame.status.newColor"]),
    Part(role: .success, foreground: ["frame.status.addColor"]),
    Part(role: .warning, foreground: ["frame.status.pendingColor", "frame.status.highlightColor"]),
    Part(role: .error, foreground: ["frame.status.errorColor"], attributes: .bold),
    Part(role: .muted, foreground: ["frame.status.completedColor"]),
    Part(role: .ending, foreground: ["frame.status.killColor"]),
    Part(role: .suspended, foreground: ["frame.status.killColor"]),
    Part(role: .fieldName, foreground: ["views.yaml.keyColor"]),
    Part(role: .field, foreground: ["dialog.fieldFgColor"]),
    Part(role: .input, foreground: ["prompt.fgColor"], background: ["prompt.bgColor"]),
  ]

  private func styles() throws(ManifestError) -> [Role: Theme.Style] {
    var styles: [Role: Theme.Style] = [:]
    for part in Self.parts {
      let (foreground, background) = (try color(at: part.foreground), try color(at: part.background))
      guard foreground != nil || background != nil else { continue }
      styles[part.role] = Theme.Style(
        foreground: foreground ?? .default, background: background ?? .default, attributes: part.attributes)
    }
    // As k9s does it where the skin doesn't say; a cursor in the colours of everything else would not be seen.
    var cursor =
      styles[.selection] ?? Theme.Style(foreground: .ansi(0), background: .ansi(14), attributes: .bold)
    if cursor.background == .default || cursor.background == styles[.text]?.background {
      cursor.attributes.insert(.reverse)
    }
    styles[.selection] = cursor
    return styles
  }

  private func color(at paths: [String]) throws(ManifestError) -> Color? {
    for path in paths {
      if let color = try color(at: path) { return color }
    }
    return nil
  }

  private func color(at path: String) throws(ManifestError) -> Color? {
    var place: [ModelDecoder.PathElement] = [.field("k9s")]
    var value = document.value["k9s"] ?? .null
    for name in path.split(separator: ".").map(String.init) {
      guard case .object(let object) = value else {
        throw document.error(at: place, "must hold keys with colours, and is of type \(value.goKind)")
      }
      guard let next = object[name], next != .null else { return nil }
      place.append(.field(name))
      value = next
    }
    guard let text = value.string else {
      throw document.error(at: place, "must be a colour in quotes, and is of type \(value.goKind)")
    }
    guard let color = Color(css: text) else {
      throw document.error(
        at: place,
        "'\(TextWidth.truncate(text, to: 40))' is no colour: write a name such as orange, #rrggbb, or default")
    }
    return color
  }
}
