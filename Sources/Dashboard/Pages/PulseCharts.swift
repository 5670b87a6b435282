internal import KubeModel
internal import Terminal

/// The charts of the pulse, all over the same time: side by side with one axis below.
struct PulseCharts {
  struct Chart {
    let title: String
    let role: Role
    let values: [Int]
    var format: (Int) -> String = Format.count
    /// What the whole height stands for; `nil` for the largest value.
    var top: Int?
  }

  let charts: [Chart]
  private let pulse: Pulse
  /// The columns for what the height stands for.
  private static let scale = 6

  init(_ context: RowContext, _ shown: Shown) {
    pulse = context.pulse
    let whole = pulse.samples(Pulse.capacity)
    let samples = whole.map { $0.part(shown) }
    // What is not known for each namespace is told of all, and says so.
    let scope = shown.isAllNamespaces || whole.allSatisfy { $0.namespaces != nil } ? "" : " (all namespaces)"
    let totals = context.store.totals
    charts = [
      Chart(title: "● Pods running" + scope, role: .running, values: samples.map(\.podsRunning)),
      Chart(title: "○ Pods pending" + scope, role: .pending, values: samples.map(\.podsPending)),
      Chart(title: "✗ Jobs failed" + scope, role: .failed, values: samples.map(\.jobsFailed)),
      Chart(title: "✓ Jobs done" + scope, role: .succeeded, values: samples.map(\.jobsDone)),
      Chart(title: "Pods ended/min" + scope, role: .accent, values: pulse.podsEndedAMinute(Pulse.capacity, in: shown)),
      Chart(title: "Wait for a node" + scope, role: .pending, values: samples.map(\.podsQueued)),
      Chart(
        title: "Node CPU", role: .barLow, values: samples.map(\.cpu), format: Format.cores, top: totals.cpu),
      Chart(
        title: "Node memory", role: .barLow, values: samples.map(\.memory), format: Format.bytes, top: totals.memory),
    ]
  }

  /// Draws as many as there is room for; says how many rows they took.
  func draw(on canvas: inout Canvas, in area: Rect) -> Int {
    let across = area.size.columns < 60 ? 1 : area.size.columns < 100 ? 2 : 4
    let width = (area.size.columns - 1) / across - 1
    // A title and a row of dots each, and the axis below all.
    let down = min((charts.count + across - 1) / across, (area.size.rows - 1) / 2)
    guard down > 0 else { return 0 }
    let height = min(6, (area.size.rows - 1) / down - 1)
    let places = charts.prefix(across * down).enumerated()
    for (index, chart) in places {
      let origin = Point(
        column: area.origin.column + 1 + index % across * (width + 1),
        row: area.origin.row + index / across * (height + 1))
      draw(chart, on: &canvas, at: origin, width: width - 1, height: height)
    }
    let axis = area.origin.row + down * (height + 1)
    for index in 0..<across {
      let column = area.origin.column + 1 + index * (width + 1)
      drawAxis(
        on: &canvas, at: Point(column: column + PulseCharts.scale, row: axis), width: width - 1 - PulseCharts.scale)
    }
    return down * (height + 1) + 1
  }

  private func draw(_ chart: Chart, on canvas: inout Canvas, at origin: Point, width: Int, height: Int) {
    let most = chart.values.max() ?? 0
    let top = max(1, chart.top ?? most)
    let of = chart.top.map { " of " + chart.format($0) } ?? ""
    let title: StyledText = [
      Span(chart.title + " ", .muted), Span(chart.format(chart.values.last ?? 0), chart.role, .bold), Span(of, .muted),
    ]
    canvas.put(title, at: origin, maxColumns: width)
    let dots = width - PulseCharts.scale
    let values = pulse.peaks(chart.values, step: PulseCharts.step(columns: dots))
    let lines = BrailleChart.rows(values, width: dots, height: height, top: top)
    for (offset, line) in lines.enumerated() {
      let row = origin.row + 1 + offset
      // Half of the height stands in the middle only where it is a whole number of rows away.
      let label = offset == 0 ? chart.format(top) : offset == height - 1 ? "0" : ""
      let text = TextWidth.truncate(label, to: PulseCharts.scale - 1)
      let column = origin.column + PulseCharts.scale - 1 - TextWidth.columns(of: text)
      canvas.put(text, at: Point(column: column, row: row), role: .muted)
      canvas.put(
        label.isEmpty ? "│" : "┤", at: Point(column: origin.column + PulseCharts.scale - 1, row: row), role: .border)
      // Blank cells have no role: one that underlines would underline them.
      let spans = BrailleChart.runs(line).map { Span($0.text, $0.isBlank ? .text : chart.role) }
      canvas.put(StyledText(spans), at: Point(column: origin.column + PulseCharts.scale, row: row), maxColumns: dots)
    }
  }

  /// Seconds of a dot, so that all that is known fits.
  private static func step(columns: Int) -> Int {
    let dots = max(1, columns * 2)
    return (Pulse.capacity + dots - 1) / dots
  }

  /// How long ago, at both ends and in between.
  private func drawAxis(on canvas: inout Canvas, at origin: Point, width: Int) {
    guard width >= 12 else { return }
    canvas.put(
      "└" + String(repeating: "─", count: width), at: Point(column: origin.column - 1, row: origin.row), role: .border)
    let seconds = PulseCharts.step(columns: width) * 2
    func put(_ text: String, at column: Int) {
      canvas.put(text, at: Point(column: origin.column + column, row: origin.row), role: .muted)
    }
    put("now", at: width - 3)
    // Whole minutes, as many as keep their distance.
    let minutes = [1, 2, 5].first { $0 * 60 / seconds >= 8 } ?? 5
    for minute in stride(from: minutes, through: Pulse.capacity / 60, by: minutes) {
      let column = width - 1 - minute * 60 / seconds
      let text = "-\(minute)m"
      if column >= 0, column + text.utf8.count < width - 3 { put(text, at: column) }
    }
  }
}
