/// A series of DICOM files, as dcm2niix lists it.
struct DicomSeries: Hashable, Sendable {
  /// The number by which dcm2niix tells series apart: a checksum of their identifier.
  let key: String
  /// The number that the scanner gave it; several series may have the same.
  let number: Int

  /// The series in what dcm2niix prints when it is asked to convert none: for each image, a line with the key and the name that
  /// it would get, which begins with the number, and a line with one of its files.
  static func listed(in output: String) -> [DicomSeries] {
    var series: [DicomSeries] = []
    for line in output.split(separator: "\n") where line.first == "\t" {
      let fields = line.dropFirst().split(separator: "\t", maxSplits: 1)
      guard fields.count == 2, fields[0].count <= 20, fields[0].allSatisfy({ $0.isASCII && $0.isNumber })
      else {
        continue
      }
      let name = fields[1].split(separator: "/").last ?? ""
      let number = Int(name.prefix { $0.isASCII && $0.isNumber }) ?? 0
      let found = DicomSeries(key: String(fields[0]), number: number)
      if !series.contains(found) { series.append(found) }
    }
    return series.sorted { ($0.number, $0.key) < ($1.number, $1.key) }
  }
}
