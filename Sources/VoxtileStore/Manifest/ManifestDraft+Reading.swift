import Voxtile
import VoxtileFormats

#if canImport(FoundationEssentials)
  import FoundationEssentials
#else
  import Foundation
#endif

extension ManifestDraft {
  /// The most bytes of a header. Formats keep at most 64 MiB.
  private static let maxHeaderBytes = 64 << 20
  private static let maxColors = 1 << 16

  /// Reads the fields, in any order.
  ///
  /// - Throws: `VoxtileError.Code.malformedFile` where it is no JSON object.
  init(_ json: inout JSONReader) throws {
    guard try json.kind() == .object else { throw json.failure("an object is expected") }
    var draft = ManifestDraft()
    var (fields, later) = (ManifestFields(), ManifestFields())
    try json.object { json, key in
      switch key {
      case "version": try fields.integer(key, from: &json, to: &draft.version)
      case "requires": try fields.texts(key, from: &json, to: &draft.requires, atMost: 64)
      case "fileExtension":
        try fields.text(key, from: &json, to: &draft.fileExtension, atMost: ManifestFields.maxNameBytes)
      case "fileFormat":
        try fields.text(key, from: &json, to: &draft.fileFormat, atMost: ManifestFields.maxNameBytes)
      case "fileSuffix":
        try fields.text(key, from: &json, to: &draft.fileSuffix, atMost: ManifestFields.maxNameBytes)
      case "grid": try Self.readGrid(&fields, &json, to: &draft.grid)
      case "source": try Self.readSource(&fields, &later, &json, to: &draft.source)
      case "values": try Self.readValues(&later, &json, to: &draft.values)
      case "patches": try Self.readEntries(&fields, &later, &json, to: &draft.entries)
      default: try json.skip()
      }
    }
    try json.finish()
    draft.problem = fields.problem
    draft.problemOfVersion2 = later.problem
    self = draft
  }

  private static func readGrid(
    _ fields: inout ManifestFields, _ json: inout JSONReader, to grid: inout Grid?
  ) throws {
    try fields.object("grid", from: &json, to: &grid, empty: Grid()) { fields, json, key, grid in
      switch key {
      case "patch": try fields.integers("grid.patch", from: &json, to: &grid.patch)
      case "overlap": try fields.integers("grid.overlap", from: &json, to: &grid.overlap)
      case "edge": try fields.texts("grid.edge", from: &json, to: &grid.edge)
      case "padding": try fields.text("grid.padding", from: &json, to: &grid.padding)
      case "order": try fields.text("grid.order", from: &json, to: &grid.order)
      default: try json.skip()
      }
    }
  }

  private static func readSource(
    _ fields: inout ManifestFields, _ later: inout ManifestFields, _ json: inout JSONReader,
    to source: inout Source?
  ) throws {
    var laterFields = ManifestFields()
    try fields.object("source", from: &json, to: &source, empty: Source()) { fields, json, key, source in
      switch key {
      case "name": try fields.text("source.name", from: &json, to: &source.name)
      case "extent": try fields.integers("source.extent", from: &json, to: &source.extent)
      case "channels": try fields.integer("source.channels", from: &json, to: &source.channels)
      case "scalarType": try fields.text("source.scalarType", from: &json, to: &source.scalarType)
      case "scaling": try fields.scaling("source.scaling", from: &json, to: &source.scaling)
      case "isLabelMap": try fields.boolean("source.isLabelMap", from: &json, to: &source.isLabelMap)
      case "palette":
        try laterFields.list(
          .array, "a list of colors", "source.palette", from: &json, to: &source.palette, atMost: maxColors
        ) { json in
          var color: [Int]?
          var unnoted = ManifestFields()
          try unnoted.integers("", from: &json, to: &color)
          return color
        }
      case "affine":
        try fields.list(.array, "3 rows of 4 numbers", "source.affine", from: &json, to: &source.affine) {
          json in
          var row: [Double]?
          var unnoted = ManifestFields()
          try unnoted.numbers("", from: &json, to: &row)
          return row
        }
      case "header": try readHeader(&fields, &json, to: &source.header)
      default: try json.skip()
      }
    }
    later.note(laterFields.problem)
  }

  private static func readHeader(
    _ fields: inout ManifestFields, _ json: inout JSONReader, to header: inout Header?
  ) throws {
    try fields.object("source.header", from: &json, to: &header, empty: Header()) {
      fields, json, key, header in
      switch key {
      case "format": try fields.text("source.header.format", from: &json, to: &header.format)
      case "bytes":
        try fields.take(
          .string, "base64 of at most \(maxHeaderBytes) bytes", { "source.header.bytes" }, from: &json,
          to: &header.bytes
        ) { json in
          try json.string(atMost: maxHeaderBytes / 3 * 4 + 4).flatMap { Data(base64Encoded: $0) }.map {
            [UInt8]($0)
          }
        }
      default: try json.skip()
      }
    }
  }

  private static func readValues(
    _ fields: inout ManifestFields, _ json: inout JSONReader, to values: inout Values?
  ) throws {
    try fields.object("values", from: &json, to: &values, empty: Values()) { fields, json, key, values in
      switch key {
      case "scalarType": try fields.text("values.scalarType", from: &json, to: &values.scalarType)
      case "scaling": try fields.scaling("values.scaling", from: &json, to: &values.scaling)
      case "steps":
        try fields.list(
          .array, "a list of steps for each channel", "values.steps", from: &json, to: &values.steps,
          atMost: maxColors
        ) { json in
          var steps: [ValueMap.Step]?
          var unnoted = ManifestFields()
          try unnoted.list(
            .object, "steps", "", from: &json, to: &steps, atMost: ValueMap.maxSteps, readStep)
          return steps
        }
      default: try json.skip()
      }
    }
  }

  /// Reads a step: an object with the name of the step as its only key. A step that is not known cannot be skipped.
  private static func readStep(_ json: inout JSONReader) throws -> ValueMap.Step? {
    var found: [ValueMap.Step?] = []
    try json.object { json, key in
      var numbers: [Double]?
      var unnoted = ManifestFields()
      try unnoted.numbers("", from: &json, to: &numbers)
      guard found.count < 2 else { return }
      switch (key, numbers?.count, numbers) {
      case ("clip", 2, let numbers?): found.append(.clip(low: numbers[0], high: numbers[1]))
      case ("scale", 2, let numbers?): found.append(.scale(slope: numbers[0], intercept: numbers[1]))
      default: found.append(nil)
      }
    }
    return found.count == 1 ? found[0] : nil
  }

  private static func readEntries(
    _ fields: inout ManifestFields, _ later: inout ManifestFields, _ json: inout JSONReader,
    to entries: inout [Entry]?
  ) throws {
    var (inner, innerLater) = (ManifestFields(), ManifestFields())
    try fields.take(.array, "a list of patches", { "patches" }, from: &json, to: &entries) { json in
      var entries: [Entry] = []
      try json.array { json, index in
        guard index <= Manifest.maxPatches else { return try json.skip() }
        var entry = Entry()
        if try json.kind() == .object {
          try json.object { json, key in try read(key, of: index, &inner, &innerLater, &json, to: &entry) }
        } else {
          inner.note(.badManifest("patches[\(index)]", "no object", expected: "an object"))
          try json.skip()
        }
        entries.append(entry)
      }
      return entries
    }
    fields.note(inner.problem)
    later.note(innerLater.problem)
  }

  private static func read(
    _ key: String, of index: Int, _ fields: inout ManifestFields, _ later: inout ManifestFields,
    _ json: inout JSONReader, to entry: inout Entry
  ) throws {
    switch key {
    case "index": try fields.integer("patches[\(index)].index", from: &json, to: &entry.index)
    case "origin": try fields.integers("patches[\(index)].origin", from: &json, to: &entry.origin)
    case "extent": try fields.integers("patches[\(index)].extent", from: &json, to: &entry.extent)
    case "file":
      try fields.text(
        "patches[\(index)].file", from: &json, to: &entry.file, atMost: ManifestFields.maxNameBytes)
    case "checksum": try fields.text("patches[\(index)].checksum", from: &json, to: &entry.checksum)
    case "axes": try later.texts("patches[\(index)].axes", from: &json, to: &entry.axes)
    default: try json.skip()
    }
  }
}
