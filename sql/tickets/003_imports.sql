-- Lines of files on their way in.

select platform.make_import_tables();
