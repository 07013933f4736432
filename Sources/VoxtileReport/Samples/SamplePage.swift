import Voxtile
import VoxtileFormats
import VoxtileStore

#if canImport(FoundationEssentials)
  import FoundationEssentials
#else
  import Foundation
#endif

/// The page of a set of training patches, as one HTML file that opens from disk and works offline: where the patches lie and why, how
/// often each component is seen, the balance of labels before and after, and pictures of patches.
public struct SamplePage: Sendable {
  /// The data that the page shows.
  public private(set) var data: SampleData

  /// Reads a set and checks each of its files, and reads the scans that it was taken of, as far as they are where the list says
  /// and unchanged.
  ///
  /// - Parameters:
  ///   - folder: the folder of the set.
  ///   - scans: a folder or file with the scans, where they are not where the list says.
  ///   - limits: how much of the machine is used.
  ///   - origin: how the page came to be.
  ///   - progress: who follows the job.
  /// - Throws: `VoxtileError.Code.memoryTooLow` where a page needs more, `VoxtileError` where the list or a scan cannot be read, and
  ///   what the progress throws.
  /// - Complexity: O(voxels) of all patches that are written and of at most 100 scans; of a set that is a list, of all scans of at
  ///   most 240 patches. At most 64 MiB for each thread.
  public init(
    contentsOf folder: String, scans: String? = nil, limits: JobLimits = JobLimits(),
    origin: ReportData.Origin, progress: JobProgress = .none
  ) throws {
    try Self.checkFits(memory: limits.memory)
    let files = try SampleSetFiles(contentsOf: folder, scans: scans)
    let manifest = files.manifest
    let table = manifest.scans.prefix(Self.mostTables).lazy
      .compactMap { files.labelPath(of: $0) }.map { LabelTable(beside: $0) }.first { !$0.isEmpty }
    let name = URL(filePath: folder).standardizedFileURL.path.fileName
    data = SampleData(
      manifest, title: name.isEmpty || name == "/" ? "training patches" : name, origin: origin,
      names: manifest.settings.labelMap == nil ? table?.names ?? [:] : [:])
    let findings = try SampleVerification(of: folder, limits: limits, progress: progress).findings
    data.findingCount = findings.count
    data.findings = findings.prefix(SampleData.mostFindings).map {
      "\($0.file): \($0.kind.rawValue): \($0.message)"
    }
    let pictures = try SamplePictures(of: files, limits: limits, progress: progress)
    for (place, views) in pictures.scans where place < data.scans.count {
      for (view, picture) in zip(data.scans[place].views.indices, views) {
        data.scans[place].views[view].picture = picture
      }
    }
    for index in data.patches.indices {
      data.patches[index].picture = pictures.patches[data.patches[index].place]
    }
    if let first = pictures.lostScans.first {
      let others = pictures.lostScans.count - 1
      data.remarks.append(
        "The image of \(first)\(others > 0 ? " and of \(others) more" : "") is not where the list says, or was changed since; "
          + "name the folder where the scans are.")
    }
  }

  /// Makes sure, before long work, that a page can be made within some memory.
  ///
  /// - Parameter memory: in bytes; `nil` for no limit.
  /// - Throws: `VoxtileError.Code.memoryTooLow`.
  package static func checkFits(memory: Int?) throws(VoxtileError) {
    guard let memory, memory < SamplePictures.leastMemory else { return }
    throw .memoryTooLow(
      memory, needed: SamplePictures.leastMemory, advice: "raise the limit or make no page")
  }

  /// How many scans may have a table of labels beside them; the names of the first one are taken.
  private static let mostTables = 8

  /// Renders the page as UTF-8 text.
  ///
  /// - Returns: the bytes of the HTML file.
  /// - Throws: `VoxtileError.Code.malformedFile` if a number in the data is not finite; JSON cannot store it.
  /// - Complexity: O(bytes of the pictures).
  public func html() throws -> [UInt8] {
    return ReportPage.fill(
      PackageResources.samples_html,
      with: [
        "title": Array(ReportPage.escaped(data.title).utf8),
        "style": PackageResources.style_css + PackageResources.samples_css,
        "data": try ReportPage.json(data, of: data.title, fault: "a number of a scan is not finite"),
        "script": PageScript.samples,
      ])
  }

  /// Writes the page.
  ///
  /// - Throws: any error of ``html()``, `VoxtileError.Code.targetExists` if the file exists and may not be replaced, and
  ///   `VoxtileError.Code.fileAccess` if it cannot be written.
  public func write(to path: String, replacing isReplacing: Bool = false) throws {
    let file = try AtomicFile(path, replacing: isReplacing)
    try file.write(html(), at: 0)
    try file.commit()
  }
}
