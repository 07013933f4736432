import ArgumentParser
import Voxtile
import VoxtileFormats

/// `voxtile info`: what a file says about its image.
struct InfoCommand: MessagingCommand, ReadingCommand {
  private struct Info: Encodable {
    var file: String
    var extent: [Int]
    var channels: Int
    var scalarType: ScalarType
    var spacing: [Double]
    var affine: [[Double]]
    var orientation: String
    var scaling: VolumeInfo.Scaling?
    var isLabelMap: Bool
    var bytes: Int
    var details: [String: String]
    /// How much the file says about where the image lies.
    var place: String
    var notes: [String]

    init(_ info: VolumeInfo, file: String) {
      self.file = file
      extent = info.extent.sizes.all
      channels = info.channels
      scalarType = info.scalarType
      spacing = info.metadata.spacing.all
      affine = info.metadata.affine.rows
      orientation = info.metadata.affine.orientation
      scaling = info.scaling
      isLabelMap = info.isLabelMap
      bytes = info.byteCount(of: Region(info.extent))
      details = Dictionary(
        info.details.map { ($0.name, $0.value) }, uniquingKeysWith: { "\($0); \($1)" })
      place = info.metadata.place.rawValue
      notes = info.notes
    }
  }

  static let configuration = CommandConfiguration(
    commandName: "info",
    abstract: "Describe images and volumes from their headers.",
    discussion: """
      Where a file cannot be read, the others are still described, and the exit status is 1. With --json, the result is \
      an array with one object for each file.
      """)

  @Argument(help: "The images or volumes.", completion: .file())
  var files: [String]

  @OptionGroup(.inputAndOutput) var reading: ReadingOptions

  @OptionGroup(.running) var printing: JSONOptions

  @OptionGroup(.messages) var messages: MessageOptions

  func run() throws {
    var infos: [(file: String, info: VolumeInfo)] = []
    for file in files {
      do {
        infos.append((file, try ImageFormats.open(file).info))
      } catch {
        // The other files are still described.
        Console.error("Error: \(error)".printable)
      }
    }
    if printing.json {
      try Console.printJSON(infos.map { Info($0.info, file: $0.file) })
    } else {
      for (index, (file, info)) in infos.enumerated() {
        if index > 0 { try Console.result("") }
        try Console.result(file.printable)
        try Self.lines(of: info).forEach { try Console.result("  \($0)") }
      }
    }
    if infos.count < files.count { throw ExitCode(1) }
  }

  private static func lines(of info: VolumeInfo) -> [String] {
    var rows = [
      ("extent", "\(ImageSize(info))" + (info.channels == 1 ? "" : ", \(info.channels) channels")),
      (
        "values",
        "\(info.scalarType.rawValue), \(Console.bytes(info.byteCount(of: Region(info.extent))))"
          + (info.isLabelMap ? ", labels" : "")
      ),
    ]
    rows += place(of: info)
    if let scaling = info.scaling {
      rows.append(
        (
          "scaling",
          "\(Console.rounded(scaling.slope, decimals: 9)) x stored + "
            + Console.rounded(scaling.intercept, decimals: 9)
        ))
    }
    rows += info.details.map { ($0.name, $0.value) }
    rows += info.notes.map { ("note", "the file " + $0) }
    let width = rows.map(\.0.count).max() ?? 0
    return rows.map { name, value in
      name.printable + String(repeating: " ", count: width - name.count + 2) + value.printable
    }
  }

  /// Voxel size, orientation and first voxel, as far as the file says them.
  private static func place(of info: VolumeInfo) -> [(String, String)] {
    let affine = info.metadata.affine
    guard info.metadata.place != .unknown else { return [] }
    let sizes = affine.spacing.all.prefix(info.isPlanar ? 2 : 3).map {
      // Of a micrometer no less than of a millimeter is shown.
      Console.rounded($0, decimals: $0 < 0.1 ? 6 : 3)
    }
    let origin = affine.world(x: 0, y: 0, z: 0).all.map { Console.rounded($0) }
    return [
      ("spacing", sizes.joined(separator: " x ") + " mm"),
      (
        "orientation",
        info.metadata.place == .world
          ? "\(affine.orientation), first \(info.element) at (\(origin.joined(separator: ", "))) mm"
          : "unknown: the file does not say which side is left"
      ),
    ]
  }
}
