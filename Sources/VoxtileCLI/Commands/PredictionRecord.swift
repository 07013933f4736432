import Synchronization
import Voxtile
import VoxtileFormats
import VoxtileInference

#if canImport(FoundationEssentials)
  import FoundationEssentials
#else
  import Foundation
#endif

/// How a prediction was made: `OUTPUT.voxtile.json` beside each result, and what `infer --json` prints.
///
/// Files are named without their folders, and known by their digests.
struct PredictionRecord: Codable {
  struct Program: Codable, Hashable {
    var name = "voxtile"
    var version = LibraryVersion.current
  }
  struct Engine: Codable, Hashable {
    var name: String
    var version: String
    var provider: String
  }
  struct File: Codable, Hashable {
    var name: String
    var bytes: Int
    var sha256: String
  }
  struct Output: Codable {
    var name: String
    var kind: String
    var extent: [Int]
    var channels: Int
    /// The type of the stored values; `float16` is none of the scalar types.
    var scalarType: String
    /// What was written: a record belongs to the files that have these digests.
    var files: [File]

    /// Describes a file that is there.
    ///
    /// - Parameter isHalf: whether its values are stored in 16 bits.
    init(_ path: String, kind: PredictionKind, _ info: VolumeInfo, isHalf: Bool = false) throws {
      (name, self.kind) = (path.fileName, kind.rawValue)
      (extent, channels) = (info.extent.sizes.all, info.channels)
      scalarType = isHalf ? ProbabilityType.float16.rawValue : info.scalarType.rawValue
      files = try PredictionRecord.files(ofImage: path)
    }
  }
  struct Label: Codable {
    var label: Int
    var name: String
  }
  struct Patches: Codable, Hashable {
    var predicted: Int
    var skipped: Int
  }

  /// A network, or several whose mean was predicted, for labels of their own.
  struct Task: Codable, Hashable {
    var name: String
    var networks: [[File]]
    var settings: PredictionRecordSettings
    /// What its labels became.
    var labels: [TaskLabel]
    var patches: Patches
  }
  /// A label of the network of a task, and what it became.
  struct TaskLabel: Codable, Hashable {
    var label: Int
    var value: Int
    var name: String?
  }

  /// What a prediction is made from and by, as far as files are known by their digests.
  struct Sources: Hashable {
    var engine: Engine
    var networks: [[File]]
    var inputs: [File]
    var mask: [File]?
  }

  /// What the prediction was made from.
  var sources: Sources { Sources(engine: engine, networks: networks, inputs: inputs, mask: mask) }

  var version = 1
  var program = Program()
  /// The time in UTC at which it was made.
  var date: String
  var engine: Engine
  /// The files of each network; the mean of several networks was predicted.
  var networks: [[File]]
  var inputs: [File]
  var mask: [File]?
  var outputs: [Output]
  /// None where several tasks have settings of their own.
  var settings: PredictionRecordSettings?
  /// The tasks whose labels were put into one map, in their order.
  var tasks: [Task]?
  /// What the labels of all tasks were freed of.
  var cleaning: PredictionRecordSettings.Cleaning?
  /// What labels stand for; none where the network does not say.
  var labels: [Label]
  var patches: Patches
  var warnings: [String]
}

extension PredictionRecord {
  /// The time in UTC.
  static var now: String { Date.now.formatted(.iso8601) }

  /// The digests of files that were read before and have not changed since.
  private static let known = Mutex<[String: (version: FileVersion, file: File)]>([:])

  /// Reads files to get their digests, each state of a file once.
  ///
  /// - Throws: `VoxtileError.Code.fileAccess` where one is not there or cannot be read: a record names all that was read.
  static func files(_ paths: [String]) throws -> [File] {
    try paths.map { path in
      let version = FileVersion(path)
      let isFolder = FormatProbe(path).kind == .folder
      if !isFolder, let known = known.withLock({ $0[path] }), known.version == version { return known.file }
      let digest =
        try isFolder
        ? FileDigest(ofFolder: path) { try Interrupt.check() }
        : FileDigest(ofFile: path) { try Interrupt.check() }
      let file = File(name: path.fileName, bytes: digest.byteCount, sha256: digest.text)
      // Only where nobody wrote to it meanwhile.
      if !isFolder, let version, FileVersion(path) == version {
        known.withLock { $0[path] = (version, file) }
      }
      return file
    }
  }

  /// The files of an image that exist, its own first, each once.
  static func files(ofImage path: String) throws -> [File] {
    var known: Set<FileIdentity> = []
    return try files(
      ImageFormats.registry.files(of: path).filter {
        try FileIdentity.find($0).map { known.insert($0).inserted } ?? false
      })
  }

  /// The record as JSON, with sorted keys.
  func json() throws -> [UInt8] {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
    return [UInt8](try encoder.encode(self)) + [0x0A]
  }

  /// Reads the record beside a result; `nil` where there is none that can be read.
  init?(beside output: String) {
    guard let bytes = FileManager.default.contents(atPath: PredictionFiles.record(of: output)),
      let record = try? JSONDecoder().decode(PredictionRecord.self, from: bytes)
    else { return nil }
    self = record
  }

  /// Writes the record beside a result.
  func write(beside output: String, replacing isReplacing: Bool) throws {
    try AtomicFile.write(json(), to: PredictionFiles.record(of: output), replacing: isReplacing)
  }
}

/// The settings of a prediction, after defaults of the network and the program have been applied.
struct PredictionRecordSettings: Codable, Hashable {
  /// The size of a patch along the axes of the network's image, x first.
  var patch: [Int]
  /// What is predicted of a patch; smaller where patches have a margin.
  var predicted: [Int]
  /// What neighbors share, of what is predicted.
  var overlap: [Int]
  var edge: [String]
  /// Of what the first voxels of patches are multiples, along the axes of the network's image; none where they are not aligned.
  var alignment: [Int]?
  var padding: String
  /// None where another system's window is taken.
  var blend: String?
  var compatibility: String?
  var batch: Int
  var mirror: String
  var normalization: String
  /// `source` for the scan's own.
  var orientation: String
  var axes: String
  var layout: String?
  var outputName: String?
  var outputFit: String?
  var activation: String
  var threshold: Double
  /// The label of each channel.
  var labels: [Int]?
  var foreground: String?
  var skipBelow: Double?
  var timePoints: String
  /// The first voxel of the predicted box, and its size, in the scan's own axes.
  var boxOrigin: [Int]
  var boxExtent: [Int]
  /// The size of a voxel that the network was trained with, in mm, where it says so.
  var spacing: [Double]?
  /// How the scan was resampled to the network's voxels, where it was.
  var resampling: Resampling?
  /// What the labels were freed of, where they were cleaned.
  var cleaning: Cleaning?
  /// `float16` where the predictions of patches were stored in as many bits before they were merged.
  var storedType: String?

  struct Cleaning: Codable, Hashable {
    /// The fewest voxels of a component that stays, and the labels that this was for: `all`, or their numbers.
    var minimumVoxels: Int
    var withoutSmall: String?
    /// The labels of which only the largest component stayed.
    var keepLargest: String?
    /// The labels whose holes were filled.
    var fillHoles: String?
    var removedVoxels: Int
    var filledVoxels: Int

    init(_ cleaning: LabelCleaning, _ findings: LabelCleaningWriter.Findings) {
      minimumVoxels = cleaning.minimumVoxelCount
      withoutSmall = minimumVoxels > 0 ? cleaning.labelsWithoutSmall.text : nil
      keepLargest = cleaning.labelsKeptLargest?.text
      fillHoles = cleaning.labelsFilled?.text
      (removedVoxels, filledVoxels) = (findings.removedVoxels, findings.filledVoxels)
    }

    /// What was asked for, without what it changed.
    var withoutFindings: Cleaning {
      var cleaning = self
      (cleaning.removedVoxels, cleaning.filledVoxels) = (0, 0)
      return cleaning
    }
  }

  struct Resampling: Codable, Hashable {
    /// The size of a voxel that was asked for, in mm, along the axes of the network's image.
    var spacing: [Double]
    var convention: String
    /// How values of the scan between voxels were made.
    var interpolation: String
    /// The size of the resampled box, in voxels along the axes of the scan.
    var extent: [Int]
  }

  /// Takes settings and what became of them.
  init(
    _ settings: InferenceSettings, _ plan: InferencePlan, options: NetworkOptions,
    timePoints: TimePointsArgument
  ) {
    let grid = plan.modelGrid
    patch = plan.modelPatch.sizes.all
    predicted = grid.patch.sizes.all
    overlap = grid.axes.all.map(\.overlap)
    edge = grid.settings.edge.all.map(\.description)
    alignment = settings.alignment?.all
    padding = grid.settings.padding.description
    blend = settings.compatibility == nil ? settings.blend.description : nil
    compatibility = settings.compatibility?.rawValue
    batch = plan.batch
    mirror = Axis.allCases.filter(settings.mirrors.contains).map(\.rawValue).joined()
    normalization = settings.normalization.description
    orientation = settings.orientation?.letters ?? "source"
    axes = settings.axes.rawValue
    layout = options.layout?.letters
    outputName = options.outputName
    outputFit = settings.outputFit?.rawValue
    activation = plan.givesLabels ? "none" : plan.activation.rawValue
    threshold = settings.labels.threshold
    labels = settings.labels.values
    foreground = settings.foreground?.rawValue
    skipBelow = settings.skipBelow
    self.timePoints = timePoints.rawValue
    boxOrigin = Axis.allCases.map { plan.box.origin[$0] }
    boxExtent = plan.box.extent.sizes.all
    spacing = settings.spacing?.all
    if plan.isResampled, let rule = settings.resampling {
      resampling = Resampling(
        spacing: rule.spacing.all, convention: rule.convention.rawValue,
        interpolation: (rule.interpolation ?? rule.convention.usualInterpolation).rawValue,
        extent: plan.seenExtent.sizes.all)
    }
  }
}

extension LabelCleaning.Labels {
  /// `all`, or the labels in ascending order.
  fileprivate var text: String {
    switch self {
    case .all: "all"
    case .some(let labels): labels.sorted().map(String.init).joined(separator: ",")
    }
  }
}
