import Voxtile

/// What the labels of a label map stand for, and their colors, where these are known.
package struct LabelTable: Hashable, Sendable {
  /// What one label stands for.
  package struct Entry: Hashable, Sendable {
    /// Its name; empty where only its color is known.
    package var name: String
    /// Red, green and blue; `nil` where only its name is known.
    package var color: [UInt8]?

    /// Takes a name, a color, or both.
    package init(name: String = "", color: [UInt8]? = nil) {
      self.name = name
      self.color = color
    }
  }

  /// The most bytes of a file with a table. FreeSurfer's, with 1,800 labels, has 0.1 MB.
  static let maxFileBytes = 16 << 20
  /// The most bytes of a name; longer ones are cut.
  static let maxNameBytes = 200

  private var entries: [Int: Entry]

  /// Takes what is known of labels, by their values.
  package init(_ entries: [Int: Entry] = [:]) {
    self.entries = entries.mapValues { entry in
      entry.name.utf8.count <= Self.maxNameBytes
        ? entry
        : Entry(
          name: String(decoding: entry.name.utf8.prefix(Self.maxNameBytes), as: UTF8.self), color: entry.color
        )
    }
  }

  /// What is known of a label; `nil` for nothing.
  package subscript(label: Int) -> Entry? { entries[label] }

  /// Whether nothing is known.
  package var isEmpty: Bool { entries.isEmpty }

  /// The labels that something is known of.
  package var labels: some Collection<Int> { entries.keys }

  /// The names, by label.
  package var names: [Int: String] { entries.compactMapValues { $0.name.isEmpty ? nil : $0.name } }

  /// This table, and what another one knows where this one does not: a name, a color, or both.
  package func adding(_ other: LabelTable) -> LabelTable {
    LabelTable(
      entries.merging(other.entries) { own, other in
        Entry(name: own.name.isEmpty ? other.name : own.name, color: own.color ?? other.color)
      })
  }
}
