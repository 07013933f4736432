import Foundation
import Testing
import Voxtile
import VoxtileFormats
import VoxtileTestSupport

@testable import VoxtileStore

@Suite("Sample dataset") struct SampleDatasetTests {
  @Test("labels can become other ones, and nnU-Net and the Decathlon get the files that they want")
  func layouts() throws {
    try withTemporaryFolder { folder in
      let scans = try (0..<5).map {
        try SampleSetTests.makeScan("case\($0)", in: folder, seed: UInt64($0) + 20)
      }
      var options = SampleSetTests.options()
      options.labelMap = [1: 7, 2: 300]
      options.trainingShare = .fraction(0.8)
      options.layout = .nnunet
      #expect { _ = try SampleSet(of: scans, options: options) } throws: { "\($0)".contains("0, 7, 300") }
      options.layout = .msd
      let set = try SampleSet(of: scans, options: options)
      let msd = try set.write(to: "\(folder)/msd", options: options)
      let patch = try #require(msd.patches.first { $0.voxels["300"] != nil })
      let labels = try Volume<Int16>(contentsOf: "\(folder)/msd/\(#require(patch.labels))")
      #expect(labels.voxels.count { $0 == 300 } == patch.voxels["300"])
      let list = try JSONSerialization.jsonObject(
        with: Data(contentsOf: URL(filePath: "\(folder)/msd/dataset.json")))
      let lists = try #require(list as? [String: Any])
      #expect((lists["training"] as? [Any])?.count == 48 && (lists["validation"] as? [Any])?.count == 12)
      #expect(msd.scans.count { $0.split == "training" } == 4)

      options.labelMap = [2: 1]
      options.layout = .nnunet
      try SampleSet(of: scans, options: options).write(to: "\(folder)/nnunet", options: options)
      let dataset = try JSONSerialization.jsonObject(
        with: Data(contentsOf: URL(filePath: "\(folder)/nnunet/dataset.json")))
      let fields = try #require(dataset as? [String: Any])
      #expect(fields["labels"] as? [String: Int] == ["background": 0, "label_1": 1])
      #expect(fields["numTraining"] as? Int == 60 && fields["file_ending"] as? String == ".nii.gz")
      #expect((fields["channel_names"] as? [String: String])?.count == 2)
      #expect(try fileNames(in: "\(folder)/nnunet/imagesTr").count == 120)
      #expect(try fileNames(in: "\(folder)/nnunet/labelsTr").contains("case0_0000.nii.gz"))
      let folds = try JSONDecoder().decode(
        [[String: [String]]].self, from: Data(contentsOf: URL(filePath: "\(folder)/nnunet/splits_final.json"))
      )
      #expect(folds[0]["train"]?.count == 48 && folds[0]["val"]?.count == 12)
    }
  }

  @Test(
    "scans of different numbers of channels, padded labels and images of several channels reach dataset.json right"
  )
  func datasetFields() throws {
    try withTemporaryFolder { folder in
      var (first, second) = (
        try SampleSetTests.makeScan("a", in: folder, seed: 1),
        try SampleSetTests.makeScan("b", in: folder, seed: 2)
      )
      second.images.removeLast()
      var options = SampleOptions(patch: Extent(30), plan: SamplingPlan(count: 1))
      options.plan.padsSmallScans = true
      options.layout = .msd
      #expect { _ = try SampleSet(of: [first, second], options: options) } throws: {
        "\($0)".contains("the number of channels is 1 for scan 'b' and 2 for 'a'")
      }
      // One file of three channels beside one of one.
      first.images[1] = "\(folder)/color.nii"
      try TestImage(Extent(24), channels: 3, .uint8).write(to: first.images[1], seed: 5)
      options.labelPadding = 5
      try SampleSet(of: [first], options: options).write(to: "\(folder)/set", options: options)
      let json = try JSONSerialization.jsonObject(
        with: Data(contentsOf: URL(filePath: "\(folder)/set/dataset.json")))
      let fields = try #require(json as? [String: Any])
      #expect((fields["modality"] as? [String: String])?.count == 4)
      #expect((fields["labels"] as? [String: String])?.keys.sorted() == ["0", "1", "2", "5"])
      options.layout = .nnunet
      #expect { _ = try SampleSet(of: [first], options: options) } throws: {
        "\($0)".contains("the labels, that of padding included, are 0, 1, 2, 5, but nnU-Net takes")
      }
    }
  }
}
