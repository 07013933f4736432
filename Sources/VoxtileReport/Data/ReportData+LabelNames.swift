import Voxtile
import VoxtileFormats

extension ReportData.Layer {
  /// Takes the names and colors of its labels from a table that was given, and from what lies beside the file of the label map.
  mutating func nameLabels(from given: LabelTable) {
    guard let labels, !labels.isEmpty else { return }
    let table = given.adding(source.map { LabelTable(beside: $0.file) } ?? LabelTable())
    guard !table.isEmpty else { return }
    self.labels = labels.map { label in
      guard let value = Int(exactly: label.value), let entry = table[value] else { return label }
      var label = label
      label.name = entry.name.isEmpty ? nil : entry.name
      label.color = entry.color
      return label
    }
  }
}
