--[[ Collects the photographer's decisions (picks, rejects, passed-over photos) for *Learn from my picks…*. ]]

local LrApplication = import 'LrApplication'
local LrTasks = import 'LrTasks'

local CatalogReader = require 'CatalogReader'
local DecisionRules = require 'DecisionRules'

local DecisionCollector = {}

local function folderOf(path)
  return path:match '^(.*)[/\\]' or ''
end

local function addToFolders(folders, batch)
  for _, photo in ipairs(CatalogReader.readDecisionMarks(batch)) do
    local name = folderOf(photo.path)
    local folder = folders[name] or { paths = {}, marks = {} }
    folders[name] = folder
    folder.paths[#folder.paths + 1], folder.marks[#folder.marks + 1] = photo.path, photo.marks
  end
end

local function addDecisions(collected, folder)
  for index, decision in ipairs(DecisionRules.among(folder.marks)) do
    if decision then
      collected.decisions[#collected.decisions + 1] = { path = folder.paths[index], decision = decision }
      collected[decision] = collected[decision] + 1
    end
  end
end

--- Returns the decisions on the selected photos, or on all that Lightroom shows where none is selected: `decisions`, an
-- array of { path, decision }, how many of them `select` and `reject`, and how many photos there are in `total`; nil
-- where `progress` was cancelled. Task needed, and no gate.
function DecisionCollector.collect(progress)
  local photos = LrApplication.activeCatalog():getTargetPhotos()
  local collected, folders = { decisions = {}, select = 0, reject = 0, total = #photos }, {}
  for first = 1, #photos, CatalogReader.BATCH do
    if progress:isCanceled() then return nil end
    local last = math.min(first + CatalogReader.BATCH - 1, #photos)
    addToFolders(folders, { unpack(photos, first, last) })
    progress:setPortionComplete(last, #photos)
    LrTasks.yield()
  end
  for _, folder in pairs(folders) do addDecisions(collected, folder) end
  return collected
end

return DecisionCollector
