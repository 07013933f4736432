import Voxtile
import VoxtileCases

/// An evaluation as a table: a line for each label, with the means over all cases.
struct EvaluationTable {
  private let evaluation: Evaluation

  init(_ evaluation: Evaluation) { self.evaluation = evaluation }

  /// The lines.
  var lines: [String] {
    let isSingle = evaluation.cases.count == 1
    let measures = evaluation.measures
    let labels = evaluation.labels
    var rows = [["label"] + measures.map(\.title) + (isSingle ? ["ml", "true ml"] : ["worst Dice"])]
    for label in labels {
      let name = label.name.map { "\(label.label) \($0)" } ?? "\(label.label)"
      rows.append(
        [name] + measures.map { cell(label.means[$0]) } + (isSingle ? volumes(label) : [worst(label)]))
    }
    if labels.count > 1 {
      rows.append(
        ["mean"] + measures.map { evaluation.meanOverLabels($0).map(number) ?? "-" }
          + rows[0].dropFirst(1 + measures.count).map { _ in "" })
    }
    let table = labels.isEmpty ? ["no labels in any map"] : aligned(rows)
    return [headline] + table + undefined(labels)
  }

  private var headline: String {
    let (done, due) = (
      evaluation.cases.count,
      evaluation.cases.count + evaluation.failures.count + evaluation.withoutPrediction.count
    )
    var parts = ["\(Console.grouped(done)) of \(Console.count(due, "case")) evaluated"]
    if !evaluation.failures.isEmpty { parts.append("\(Console.grouped(evaluation.failures.count)) failed") }
    if !evaluation.withoutPrediction.isEmpty {
      parts.append("\(Console.grouped(evaluation.withoutPrediction.count)) without a prediction")
    }
    if !evaluation.withoutReference.isEmpty {
      parts.append("\(Console.grouped(evaluation.withoutReference.count)) without true labels")
    }
    let surface = "\(evaluation.settings.surface.rawValue) surfaces"
    return parts.joined(separator: ", ")
      + "; \(surface), tolerance \(Console.rounded(evaluation.settings.toleranceMillimeters)) mm"
  }

  /// A mean, with a mark where it leaves cases out.
  private func cell(_ mean: MeasureMean?) -> String {
    guard let mean else { return "-" }
    return (mean.mean.map(number) ?? "-") + (mean.undefined.isEmpty ? "" : "*")
  }

  private func number(_ value: Double) -> String { Console.rounded(value, decimals: 4) }

  private func worst(_ label: LabelMeans) -> String {
    label.means[.dice]?.worst.map { "\(number($0.value)) \($0.name.printable)" } ?? "-"
  }

  private func volumes(_ label: LabelMeans) -> [String] {
    let own = evaluation.cases.first?.labels.first { $0.label == label.label }
    return [own?.predictionMilliliters, own?.referenceMilliliters].map {
      $0.map { Console.rounded($0) } ?? "-"
    }
  }

  private func aligned(_ rows: [[String]]) -> [String] {
    let widths = rows[0].indices.map { column in rows.map { $0[column].count }.max() ?? 0 }
    return rows.map { row in
      let cells = zip(row, widths).map { $0 + String(repeating: " ", count: $1 - $0.count) }
      return String(cells.joined(separator: "  ").reversed().drop { $0 == " " }.reversed())
    }
  }

  /// What is left out of means, and why.
  private func undefined(_ labels: [LabelMeans]) -> [String] {
    let marked = labels.contains { label in label.means.values.contains { !$0.undefined.isEmpty } }
    guard marked else { return [] }
    return ["* without cases in which it is undefined:"]
      + labels.compactMap { label in
        let parts = evaluation.measures.compactMap { measure -> String? in
          guard let mean = label.means[measure], !mean.undefined.isEmpty else { return nil }
          let reasons = mean.undefined.sorted { $0.key.rawValue < $1.key.rawValue }
            .map { "\(Console.grouped($0.value)) \($0.key.words)" }
          return "\(measure.title) \(reasons.joined(separator: " and "))"
        }
        return parts.isEmpty ? nil : "  label \(label.label): \(parts.joined(separator: ", "))"
      }
  }
}

extension Score.Reason {
  /// Which masks are empty, after a number of cases.
  fileprivate var words: String {
    switch self {
    case .bothEmpty: "(in neither map)"
    case .referenceEmpty: "(not in the truth)"
    case .predictionEmpty: "(not predicted)"
    }
  }
}
