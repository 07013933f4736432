import Voxtile
import VoxtileFormats

extension ReportData.Layer {
  /// Names the layer by its file, and its labels or its channel by a table that was given and by what lies beside the file.
  mutating func name(_ file: String, labels given: LabelTable) {
    name = file
    let table = given.adding(source.map { LabelTable(beside: $0.file) } ?? LabelTable())
    if kind == .labels { nameLabels(from: table) }
    if var channel {
      channel.file = file
      // Values over an image whose channels are those of labels are their probabilities.
      if role == .overlay, kind == .intensity, let found = table[channel.index]?.name, !found.isEmpty {
        channel.name = found
      }
      self.channel = channel
      name += ", \(channel.name)"
    }
  }

  /// Takes the names of labels for its channel where it has none, as a prediction's probabilities have one for each label.
  mutating func nameChannel(from names: [ReportData.LabelName]) {
    guard role == .overlay, kind == .intensity, var channel, channel.name.hasPrefix("channel "),
      let found = names.first(where: { $0.label == channel.index })?.name
    else { return }
    channel.name = found
    self.channel = channel
    name = "\(channel.file), \(found)"
  }

  private mutating func nameLabels(from table: LabelTable) {
    guard !table.isEmpty else { return }
    labels = labels?.map { label in
      guard let value = Int(exactly: label.value), let entry = table[value] else { return label }
      var label = label
      label.name = entry.name.isEmpty ? nil : entry.name
      label.color = entry.color
      return label
    }
  }
}

extension ReportRequest {
  /// The tables of labels: none, one for all label maps, or one for each overlay.
  ///
  /// - Throws: `VoxtileError.Code.invalidOption` where there is another number of them.
  func checkedLabelTables() throws(VoxtileError) -> [String] {
    guard labelTables.count <= 1 || labelTables.count == overlays.count else {
      throw VoxtileError(
        .invalidOption,
        "there are \(labelTables.count) tables of labels for \(overlays.count) overlays; give one for all, or one for each overlay",
        context: .init(expected: "1 or \(overlays.count)", found: "\(labelTables.count)"))
    }
    return labelTables
  }
}
